import { Menu, useMantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { roleNames, useMe } from '../account.tsx';
import { CheckIcon, PersonIcon } from '../parts/icons.tsx';
import { notifyProblem } from '../parts/notify.tsx';
import { paths } from '../paths.ts';
import { signOut } from '../session.ts';
import { shown } from '../shown.ts';
import styles from './Shell.module.css';

const ChangePasswordDialog = lazy(() => import('./ChangePasswordDialog.tsx'));

const schemes = [
  ['auto', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

/** Who is signed in: security, password, theme, sign-out. */
export function PersonMenu() {
  const me = useMe();
  const { accountId } = useParams({ strict: false });
  const navigate = useNavigate();
  const cache = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [changing, setChanging] = useState(false);
  const role = me.accounts.find((account) => account.accountId === accountId)?.roles[0]?.role;
  const leave = async () => {
    try {
      await signOut();
    } catch (error) {
      notifyProblem(error);
      return;
    }
    await navigate({ to: paths.signIn().to });
    cache.clear();
  };
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <button type="button" className={styles.person}>
            <PersonIcon />
            <span>
              {me.name}
              {role !== undefined && ` · ${roleNames[role]}`}
            </span>
            <span className="visually-hidden">, your menu</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{shown(me.email ?? me.name)}</Menu.Label>
          <Menu.Item onClick={() => void navigate(paths.security(accountId))}>Security</Menu.Item>
          <Menu.Item onClick={() => void navigate(paths.notifications(accountId))}>Notifications</Menu.Item>
          <Menu.Item onClick={() => void navigate(paths.yourData(accountId))}>Your data</Menu.Item>
          <Menu.Item onClick={() => void navigate(paths.requestAccess())}>Ask for access</Menu.Item>
          <Menu.Item onClick={() => setChanging(true)}>Change password</Menu.Item>
          <Menu.Divider />
          <Menu.Label>Theme</Menu.Label>
          {schemes.map(([scheme, label]) => (
            <Menu.Item
              key={scheme}
              onClick={() => setColorScheme(scheme)}
              rightSection={colorScheme === scheme ? <CheckIcon /> : null}
            >
              {label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {changing && (
        <Suspense fallback={null}>
          <ChangePasswordDialog onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  );
}

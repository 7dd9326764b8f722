import { Menu } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useMe } from '../account.tsx';
import { CheckIcon, ChevronDownIcon } from '../parts/icons.tsx';
import { paths } from '../paths.ts';
import styles from './Shell.module.css';

/** Which account is looked at; with several, the way to another one. */
export function AccountSwitcher() {
  const { accounts, platformRoles } = useMe();
  const { accountId } = useParams({ strict: false });
  const navigate = useNavigate();
  const current = accounts.find((account) => account.accountId === accountId);
  const name = current?.name ?? (platformRoles.length > 0 ? 'Platform' : 'No account');
  const go = (place: { to: string; params?: Record<string, string> }) =>
    void navigate({ to: place.to, params: place.params ?? {} });
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button type="button" className={styles.switcher}>
          {name} <span className="visually-hidden">is the account, switch it</span>{' '}
          <small>{current?.domainIdentifier}</small> <ChevronDownIcon />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Accounts</Menu.Label>
        {accounts.length === 0 && <Menu.Item disabled>None yet</Menu.Item>}
        {accounts.map((account) => (
          <Menu.Item
            key={account.accountId}
            rightSection={account === current ? <CheckIcon /> : null}
            onClick={() =>
              go(
                account.actions.includes('view-inventory')
                  ? paths.overview(account.accountId)
                  : paths.virtualAccounts(account.accountId),
              )
            }
          >
            {account.name}
          </Menu.Item>
        ))}
        {platformRoles.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => go(paths.platformAccounts())}>Platform</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

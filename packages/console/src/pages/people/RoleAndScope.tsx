import { type AccountRole, accountRoles, roleLevels } from '@estover/domain/access';
import { ActionIcon, Checkbox, SegmentedControl, Select } from '@mantine/core';
import { roleNames, useAccount } from '../../account.tsx';
import { formatPath } from '../../format.ts';
import { CloseIcon } from '../../parts/icons.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { roleSentences, type Scope } from './access-words.ts';
import styles from './people.module.css';

export interface RoleAndScopeDraft {
  role: AccountRole;
  scope: Scope;
}

/** Why a role cannot be given like this yet, or null. */
export function scopeMissing({ scope }: RoleAndScopeDraft): string | null {
  return scope.kind === 'virtual-accounts' && scope.virtualAccounts.length === 0
    ? 'Choose at least one virtual account.'
    : null;
}

/** What a draft starts with: the least. */
export const leastRights = (isAdministrator: boolean): RoleAndScopeDraft => ({
  role: 'viewer',
  scope: isAdministrator ? { kind: 'account' } : { kind: 'virtual-accounts', virtualAccounts: [] },
});

/** Whether the signed-in person administers the whole account, and so may give every role. */
export function useIsAdministrator(): boolean {
  return useAccount().roles.some(({ role }) => role === 'account-administrator');
}

/** A role and where it reaches: the whole account, or virtual accounts, each alone or with everything nested. */
export function RoleAndScope(props: {
  value: RoleAndScopeDraft;
  onChange: (value: RoleAndScopeDraft) => void;
  /** The roles to choose from; all of them if not given. */
  roles?: readonly AccountRole[];
  /** Never the whole account. */
  onlyParts?: boolean;
}) {
  const { value, onChange, roles = accountRoles, onlyParts = false } = props;
  const isAdministrator = useIsAdministrator();
  const { role, scope } = value;
  const levels = roleLevels[role].filter(
    (level) => (isAdministrator && !onlyParts) || level === 'virtual-account',
  );
  const chooseRole = (next: AccountRole) => {
    const allowed = roleLevels[next];
    const keeps = allowed.includes(scope.kind === 'account' ? 'account' : 'virtual-account');
    onChange({
      role: next,
      scope: keeps
        ? scope
        : allowed.includes('account')
          ? { kind: 'account' }
          : { kind: 'virtual-accounts', virtualAccounts: [] },
    });
  };

  return (
    <>
      <Select
        label="Role"
        description={roleSentences[role]}
        value={role}
        allowDeselect={false}
        data={roles.map((one) => ({
          value: one,
          label: roleNames[one],
          disabled: !isAdministrator && !roleLevels[one].includes('virtual-account'),
        }))}
        onChange={(next) => next !== null && chooseRole(next as AccountRole)}
      />
      <ScopeChoice levels={levels} scope={scope} onChange={(next) => onChange({ role, scope: next })} />
    </>
  );
}

/** Where something reaches: the whole account, or virtual accounts, each alone or with everything nested. */
export function ScopeChoice(props: {
  /** Those that can be chosen. */
  levels: readonly ('account' | 'virtual-account')[];
  scope: Scope;
  onChange: (scope: Scope) => void;
}) {
  const { levels, scope, onChange } = props;
  const virtualAccounts = useVirtualAccounts();
  const chosen = scope.kind === 'virtual-accounts' ? scope.virtualAccounts : [];
  const setChosen = (next: typeof chosen) => onChange({ kind: 'virtual-accounts', virtualAccounts: next });

  return (
    <>
      {levels.length > 1 && (
        <SegmentedControl
          aria-label="Where it reaches"
          value={scope.kind}
          onChange={(kind) =>
            onChange(kind === 'account' ? { kind } : { kind: 'virtual-accounts', virtualAccounts: [] })
          }
          data={[
            { value: 'account', label: 'The whole account' },
            { value: 'virtual-accounts', label: 'Chosen virtual accounts' },
          ]}
        />
      )}
      {scope.kind === 'virtual-accounts' && (
        <div className={styles.scope}>
          <VirtualAccountSelect
            key={chosen.length}
            label="Virtual accounts"
            placeholder="Add a virtual account"
            value={null}
            except={(id) => chosen.some((one) => one.virtualAccountId === id)}
            onChange={(id) => id !== null && setChosen([...chosen, { virtualAccountId: id, nested: true }])}
          />
          {chosen.length > 0 && (
            <ul className={styles.chosen} aria-label="Chosen virtual accounts">
              {chosen.map((one) => {
                const found = virtualAccounts.find((va) => va.virtualAccountId === one.virtualAccountId);
                const name = found === undefined ? one.virtualAccountId : formatPath(found.path);
                return (
                  <li key={one.virtualAccountId}>
                    <span>{name}</span>
                    <Checkbox
                      label="with everything nested in it"
                      aria-label={`${name} with everything nested in it`}
                      checked={one.nested}
                      onChange={(event) => {
                        const nested = event.currentTarget.checked;
                        setChosen(chosen.map((other) => (other === one ? { ...one, nested } : other)));
                      }}
                    />
                    <ActionIcon
                      aria-label={`Leave out ${name}`}
                      onClick={() => setChosen(chosen.filter((other) => other !== one))}
                    >
                      <CloseIcon />
                    </ActionIcon>
                  </li>
                );
              })}
            </ul>
          )}
        </div>
      )}
    </>
  );
}

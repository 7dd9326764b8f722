import type { AccountRole } from '@estover/domain/access';
import { listAccounts, listMyAccounts } from '@estover/protocol';
import { Combobox, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useLocation, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { type Me, roleNames, useMe } from '../account.tsx';
import { useOperation, usePages } from '../api.ts';
import { CheckIcon, ChevronDownIcon } from '../parts/icons.tsx';
import { type Place, paths } from '../paths.ts';
import { recentAccounts, rememberAccount } from './recent-accounts.ts';
import styles from './Shell.module.css';

interface Choice {
  value: string;
  name: string;
  domainIdentifier: string;
  /** What the person is in it, or that it is the publisher's view of it. */
  note: string;
  place: Place;
}

const pageSize = 20;
/** Values of the options that are no account. */
const more = 'more';
const platform = 'platform';

/** Which account is looked at; with several, the way to another one: by typing, with the recent ones first. */
export function AccountSwitcher() {
  const me = useMe();
  const { accountId } = useParams({ strict: false });
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  /** The option that stands chosen because it is the first, until an arrow chooses another one. */
  const [firstId, setFirstId] = useState<string | null>(null);
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setTyped('');
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const isOpen = combobox.dropdownOpened;
  const { groups, accounts, isReading } = useChoices(me, typed, isOpen);
  const current = me.accounts.find((account) => account.accountId === accountId);
  const { pathname } = useLocation();
  const name = current?.name ?? nameOutside(pathname, me);
  useEffect(() => {
    if (current !== undefined) rememberAccount(me.id, current.accountId);
  }, [me.id, current]);
  const found = groups.flatMap(({ choices }) => choices);
  // The first match is chosen by Enter, without an arrow before it.
  const firstValue = found[0]?.value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when other words find another first one
  useEffect(() => {
    setFirstId(typed === '' ? null : combobox.selectFirstOption());
  }, [typed, firstValue]);

  const go = (place: Place) => {
    combobox.closeDropdown();
    void navigate({ to: place.to, params: place.params ?? {}, search: place.search ?? {} });
  };
  return (
    <Combobox
      store={combobox}
      position="bottom-start"
      width={340}
      onOptionSubmit={(value) => {
        if (value === more) return accounts.readMore();
        if (value === platform) return go(paths.platformDesk());
        const chosen = found.find((choice) => choice.value === value);
        if (chosen !== undefined) go(chosen.place);
      }}
    >
      <Combobox.Target targetType="button">
        <button type="button" className={styles.switcher} onClick={() => combobox.toggleDropdown()}>
          {name}{' '}
          <span className="visually-hidden">
            {current === undefined ? 'is where you are, switch it' : 'is the account, switch it'}
          </span>{' '}
          <small>{current?.domainIdentifier}</small> <ChevronDownIcon />
        </button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          role="combobox"
          aria-expanded={isOpen}
          aria-autocomplete="list"
          {...(firstId === null ? {} : { 'aria-activedescendant': firstId })}
          onKeyDown={({ key }) => {
            if (key === 'ArrowDown' || key === 'ArrowUp') setFirstId(null);
          }}
          aria-label="Find an account"
          placeholder="Find an account"
          value={typed}
          maxLength={100}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {/* Only while it is open: a list that is in the page keeps Escape from what else it would close. */}
        {isOpen && (
          <Combobox.Options aria-label="Accounts" className={styles.accounts ?? ''}>
            {groups.map(({ title, choices }) => (
              <Combobox.Group key={title} label={title}>
                {choices.map((choice) => (
                  <Combobox.Option
                    key={choice.value}
                    value={choice.value}
                    active={choice.place.params?.accountId === accountId && accountId !== undefined}
                  >
                    <span className={styles.accountChoice}>
                      <span>
                        <b>{choice.name}</b>
                        <small>
                          {choice.domainIdentifier} · {choice.note}
                        </small>
                      </span>
                      {choice.place.params?.accountId === accountId && accountId !== undefined && (
                        <CheckIcon />
                      )}
                    </span>
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            ))}
            {accounts.hasMore && <Combobox.Option value={more}>Show more accounts</Combobox.Option>}
            {me.platformRoles.length > 0 && <Combobox.Option value={platform}>Platform</Combobox.Option>}
            {found.length === 0 && !isReading && (
              <Combobox.Empty>
                {typed.trim() === '' ? 'You belong to no account yet.' : 'No account has this name.'}
              </Combobox.Empty>
            )}
          </Combobox.Options>
        )}
      </Combobox.Dropdown>
      <span role="status" className="visually-hidden">
        {isOpen && !isReading && typed.trim() !== '' && `${found.length} found`}
      </span>
    </Combobox>
  );
}

/** Pages of a person that belong to no account, by the first word of their address. */
const ownPages: Record<string, string> = {
  'request-access': 'Ask for access',
  'account-moves': 'Merges and splits',
  security: 'Your security',
  notifications: 'Your notifications',
  'your-data': 'Your data',
};

/** What stands in the place of an account's name on a page outside of all accounts. */
function nameOutside(pathname: string, me: Me): string {
  const own = ownPages[pathname.split('/')[1] ?? ''];
  if (own !== undefined) return own;
  return me.platformRoles.length > 0 ? 'Platform' : 'No account';
}

/** Asks the server for accounts once the typing rests; the recent ones stand first, and are not told twice. */
function useChoices(me: Me, typed: string, isOpen: boolean) {
  const [words] = useDebouncedValue(typed.trim(), 150);
  const query = { limit: pageSize, ...(words === '' ? {} : { search: words }) };
  const accounts = usePages(listMyAccounts, { query }, { enabled: isOpen });
  const ofPlatform = me.platformActions.includes('view-accounts') && words !== '';
  const platformAccounts = useOperation(listAccounts, { query }, { enabled: isOpen && ofPlatform });
  const matches = ({ name, domainIdentifier }: { name: string; domainIdentifier: string }) =>
    `${name}\n${domainIdentifier}`.toLowerCase().includes(typed.trim().toLowerCase());
  const recent = recentAccounts(me.id).flatMap((id) => {
    const account = me.accounts.find((one) => one.accountId === id);
    return account !== undefined && account.support === null && matches(account)
      ? [choiceOf({ ...account, roles: account.roles.map(({ role }) => role) })]
      : [];
  });
  const asSupport = me.accounts
    .filter((account) => account.support !== null && matches(account))
    .map((account) => ({ ...choiceOf({ ...account, roles: [] }), note: 'as support' }));
  const others = accounts.items
    .map(choiceOf)
    .filter(({ value }) => [...recent, ...asSupport].every((choice) => choice.value !== value));
  const staff = (ofPlatform ? (platformAccounts.data?.items ?? []) : [])
    .filter(({ accountId }) => me.accounts.every((account) => account.accountId !== accountId))
    .map(({ accountId, name, domainIdentifier }) => ({
      value: `platform ${accountId}`,
      name,
      domainIdentifier,
      note: 'in the list of all accounts',
      place: paths.platformAccounts({ search: domainIdentifier }),
    }));
  const groups: { title: string; choices: Choice[] }[] = [
    { title: 'Open as support', choices: asSupport },
    { title: 'Recent', choices: recent },
    { title: recent.length === 0 ? 'Accounts' : 'Other accounts', choices: others },
    { title: 'On the platform', choices: staff },
  ];
  return {
    groups: groups.filter(({ choices }) => choices.length > 0),
    accounts,
    isReading: accounts.isPending || accounts.isStale || typed.trim() !== words,
  };
}

function choiceOf(account: {
  accountId: string;
  name: string;
  domainIdentifier: string;
  roles: readonly AccountRole[];
}): Choice {
  const { accountId, name, domainIdentifier, roles } = account;
  const told = [...new Set(roles)].map((role) => roleNames[role]);
  return {
    value: accountId,
    name,
    domainIdentifier,
    note: told.join(', '),
    // Its address leads to the first page that the person may see.
    place: paths.account(accountId),
  };
}

import { listPeople } from '@estover/protocol';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { roleNames, useAccount } from '../../account.tsx';
import { usePages } from '../../api.ts';
import { count, formatShortDay } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { useVirtualAccounts, type VirtualAccount } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { type Person, scopeInWords } from './access-words.ts';
import { InviteDialog } from './InviteDialog.tsx';
import { PersonPanel, PersonPill } from './PersonPanel.tsx';
import styles from './people.module.css';

const route = getRouteApi('/signed-in/accounts/$accountId/people');

const columnsWith = (virtualAccounts: readonly VirtualAccount[]): Column<Person>[] => [
  {
    key: 'name',
    title: 'Person',
    cell: (person) => (
      <TwoLines name={person.name} below={person.partner ? `${person.email} · partner` : person.email} />
    ),
  },
  {
    key: 'roles',
    title: 'Roles',
    cell: (person) => (
      <ul className={styles.grants}>
        {person.grants.map((grant) => (
          <li key={grant.grantId}>
            {roleNames[grant.role]}{' '}
            <span className={styles.quiet}>
              in {scopeInWords(grant.scope, virtualAccounts)}
              {grant.until !== null && `, until ${formatShortDay(grant.until)}`}
              {grant.group !== null && `, by the group ${grant.group.name}`}
              {grant.soldBy !== null && `, lots sold by ${grant.soldBy} only`}
            </span>
          </li>
        ))}
      </ul>
    ),
  },
  { key: 'status', title: 'Status', cell: (person) => <PersonPill person={person} /> },
];

/** Who has access to the account, with which roles, and where each comes from. */
export default function PeoplePage() {
  const account = useAccount();
  const { accountId } = account;
  const { open, search, partner } = route.useSearch();
  const navigate = route.useNavigate();
  const toPage = useNavigate();
  const virtualAccounts = useVirtualAccounts();
  const [inviting, setInviting] = useState(false);
  const list = usePages(listPeople, { params: { accountId }, query: { search, partner } });
  const openPerson = list.items.find(({ personId }) => personId === open);
  const waiting = list.items.filter(({ status }) => status === 'invited').length;
  const inviteButton = (
    <ReasonedButton
      variant="filled"
      reason={account.reasonAgainst('manage-people')}
      onClick={() => setInviting(true)}
    >
      Invite…
    </ReasonedButton>
  );
  return (
    <>
      <PageHead
        title="People"
        sentence={
          list.first === undefined ? (
            ''
          ) : (
            <>
              {count(list.items.length, 'person', 'people')}
              {list.hasMore && ' and more'}
              {waiting > 0 && `, ${count(waiting, 'invitation')} not answered yet`}.{' '}
              <PlaceLink to={paths.accessPolicy(accountId)}>Who may do what</PlaceLink>
            </>
          )
        }
        actions={
          <>
            <ReasonedButton
              reason={account.reasonAgainst('manage-people')}
              onClick={() => {
                const { to, params } = paths.invitePeople(accountId);
                void toPage({ to, params: params ?? {} });
              }}
            >
              Invite several…
            </ReasonedButton>
            {inviteButton}
          </>
        }
      />
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      <SplitPanel
        listName="People"
        closed={paths.people(accountId, { search, partner })}
        panel={
          open === undefined
            ? null
            : {
                title: openPerson?.name ?? 'Person',
                body:
                  openPerson === undefined ? (
                    <EmptyState title={list.isPending ? 'Reading…' : 'This person is not in the list'}>
                      {list.isPending ? undefined : 'They may have lost their last role, or match no filter.'}
                    </EmptyState>
                  ) : (
                    <PersonPanel key={openPerson.personId} person={openPerson} />
                  ),
              }
        }
      >
        <Card>
          <FilterChips>
            <SearchChip
              label="Search people"
              placeholder="Name, mail address"
              value={search}
              onChange={(words) =>
                void navigate({ search: (was) => ({ ...was, search: words }), replace: true })
              }
            />
            <SelectChip
              label="Company"
              value={partner === undefined ? undefined : partner ? 'partners' : 'own'}
              options={[
                { value: 'own', label: 'The account’s own' },
                { value: 'partners', label: 'Partners' },
              ]}
              onChange={(company) =>
                void navigate({
                  search: (was) => ({
                    ...was,
                    partner: company === undefined ? undefined : company === 'partners',
                  }),
                  replace: true,
                })
              }
            />
          </FilterChips>
          <DataTable
            label="People"
            keyboard
            columns={columnsWith(virtualAccounts)}
            rows={list.items}
            rowKey={(person) => person.personId}
            rowLink={(person) => paths.people(accountId, { search, partner, open: person.personId })}
            openKey={open ?? null}
            {...list.table}
            empty={
              search === undefined && partner === undefined ? (
                <EmptyState title="Nobody you may see has access" action={inviteButton}>
                  Invite somebody by mail address and choose what they may do.
                </EmptyState>
              ) : (
                <EmptyState title="Nobody matches these filters" />
              )
            }
          />
        </Card>
      </SplitPanel>
    </>
  );
}

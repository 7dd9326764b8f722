import { listGroups } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { roleNames, useAccount } from '../../account.tsx';
import { usePages } from '../../api.ts';
import { formatNumber, formatShortDay } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip } from '../../parts/FilterChips.tsx';
import { StatePill } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import { useVirtualAccounts, type VirtualAccount } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { scopeInWords } from '../people/access-words.ts';
import styles from '../people/people.module.css';
import { GroupDialog } from './GroupDialog.tsx';
import { GroupPanel } from './GroupPanel.tsx';
import { type Group, groupsSentence, hasEnded } from './group-words.ts';

const route = getRouteApi('/signed-in/accounts/$accountId/groups');

const columnsWith = (virtualAccounts: readonly VirtualAccount[]): Column<Group>[] => [
  {
    key: 'name',
    title: 'Group',
    cell: (group) => (
      <>
        <b>{group.name}</b> {group.provisioned && <span className={styles.quiet}>provisioned</span>}
      </>
    ),
  },
  {
    key: 'role',
    title: 'Role',
    cell: (group) => (
      <>
        {roleNames[group.role]}{' '}
        <span className={styles.quiet}>in {scopeInWords(group.scope, virtualAccounts)}</span>
      </>
    ),
  },
  { key: 'people', title: 'People', numeric: true, cell: (group) => formatNumber(group.people) },
  {
    key: 'until',
    title: 'Ends',
    cell: (group) =>
      group.until === null ? (
        <span className={styles.quiet}>never</span>
      ) : hasEnded(group) ? (
        <StatePill tone="warn">Ended {formatShortDay(group.until)}</StatePill>
      ) : (
        formatShortDay(group.until)
      ),
  },
];

/** Groups of the account: people who have one role and scope together. */
export default function GroupsPage() {
  const account = useAccount();
  const { accountId } = account;
  const { open, search } = route.useSearch();
  const navigate = route.useNavigate();
  const virtualAccounts = useVirtualAccounts();
  const [making, setMaking] = useState(false);
  const list = usePages(listGroups, { params: { accountId }, query: { search } });
  const openGroup = list.items.find(({ groupId }) => groupId === open);
  const newButton = (
    <ReasonedButton
      variant="filled"
      reason={account.reasonAgainst('manage-people')}
      onClick={() => setMaking(true)}
    >
      New group…
    </ReasonedButton>
  );
  return (
    <>
      <PageHead
        title="Groups"
        sentence={list.first === undefined ? '' : groupsSentence(list.items, list.hasMore)}
        actions={newButton}
      />
      {making && (
        <GroupDialog
          onClose={() => setMaking(false)}
          onMade={(groupId) => void navigate({ search: (was) => ({ ...was, open: groupId }), replace: true })}
        />
      )}
      <SplitPanel
        listName="Groups"
        closed={paths.groups(accountId, { search })}
        panel={
          open === undefined
            ? null
            : {
                title: openGroup?.name ?? 'Group',
                body:
                  openGroup === undefined ? (
                    <EmptyState title={list.isPending ? 'Reading…' : 'This group is not in the list'}>
                      {list.isPending ? undefined : 'It may have been deleted, or match no filter.'}
                    </EmptyState>
                  ) : (
                    <GroupPanel key={openGroup.groupId} group={openGroup} />
                  ),
              }
        }
      >
        <Card>
          <FilterChips>
            <SearchChip
              label="Search groups"
              placeholder="Name"
              value={search}
              onChange={(words) =>
                void navigate({ search: (was) => ({ ...was, search: words }), replace: true })
              }
            />
          </FilterChips>
          <DataTable
            label="Groups"
            keyboard
            columns={columnsWith(virtualAccounts)}
            rows={list.items}
            rowKey={(group) => group.groupId}
            rowLink={(group) => paths.groups(accountId, { search, open: group.groupId })}
            openKey={open ?? null}
            {...list.table}
            empty={
              search === undefined ? (
                <EmptyState title="There is no group yet" action={newButton}>
                  Give a group a role once, and add people to it: whoever is in it has the role.
                </EmptyState>
              ) : (
                <EmptyState title="No group has this name" />
              )
            }
          />
        </Card>
      </SplitPanel>
    </>
  );
}

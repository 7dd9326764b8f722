import { type account, listAccounts } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { z } from 'zod';
import { usePlatform } from '../../account.tsx';
import { accountKindWords, accountStatusWords } from '../../account-kinds.ts';
import { usePages } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip } from '../../parts/FilterChips.tsx';
import { Moment, StatePill, TagText } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts, SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { CreateAccountDialog } from './CreateAccountDialog.tsx';
import { StatusActions } from './StatusActions.tsx';

export type Account = z.infer<typeof account>;

const route = getRouteApi('/signed-in/platform/accounts');

const StatusPill = ({ account: { status } }: { account: Account }) => (
  <StatePill tone={accountStatusWords[status].tone}>{accountStatusWords[status].label}</StatePill>
);

const columns: Column<Account>[] = [
  {
    key: 'name',
    title: 'Account',
    cell: (account) => <TwoLines name={account.name} below={account.domainIdentifier} />,
  },
  { key: 'status', title: 'Status', cell: (account) => <StatusPill account={account} /> },
  { key: 'kind', title: 'Kind', cell: (account) => accountKindWords[account.kind].name },
  { key: 'export', title: 'Export category', cell: (account) => account.exportCategory },
  { key: 'created', title: 'Created', cell: (account) => <Moment at={account.createdAt} /> },
];

/** All accounts of the platform, for its staff; what is inside them stays closed. */
export default function AccountsPage() {
  const platform = usePlatform();
  const { search, open } = route.useSearch();
  const navigate = route.useNavigate();
  const [creating, setCreating] = useState(false);
  const list = usePages(listAccounts, { query: { search } });
  const openAccount = list.items.find(({ accountId }) => accountId === open);
  const createButton = (
    <ReasonedButton
      variant="filled"
      reason={platform.reasonAgainst('manage-accounts')}
      onClick={() => setCreating(true)}
    >
      New account…
    </ReasonedButton>
  );
  return (
    <>
      <PageHead
        title="Accounts"
        sentence="The customers of this platform. What is inside an account only its own people see."
        actions={createButton}
      />
      {creating && <CreateAccountDialog onClose={() => setCreating(false)} />}
      <SplitPanel
        listName="Accounts"
        closed={paths.platformAccounts({ search })}
        panel={
          openAccount === undefined
            ? null
            : {
                title: openAccount.name,
                body: <AccountFacts key={openAccount.accountId} account={openAccount} />,
              }
        }
      >
        <Card>
          <FilterChips>
            <SearchChip
              label="Search accounts"
              placeholder="Name, domain identifier"
              value={search}
              onChange={(words) =>
                void navigate({ search: (was) => ({ ...was, search: words }), replace: true })
              }
            />
          </FilterChips>
          <DataTable
            label="Accounts"
            keyboard
            columns={columns}
            rows={list.items}
            rowKey={(account) => account.accountId}
            rowLink={(account) => paths.platformAccounts({ search, open: account.accountId })}
            openKey={open ?? null}
            {...list.table}
            empty={
              search === undefined ? (
                <EmptyState title="There is no account yet" action={createButton}>
                  Make one for your first customer; its administrator gets a link for choosing a password.
                </EmptyState>
              ) : (
                <EmptyState title="No account has this name or identifier" />
              )
            }
          />
        </Card>
      </SplitPanel>
    </>
  );
}

function AccountFacts({ account }: { account: Account }) {
  const mayOpen = usePlatform().may('open-support-access');
  return (
    <>
      <Facts
        facts={[
          ['Status', <StatusPill key="status" account={account} />],
          account.statusSince === null ? null : ['Since', <Moment key="since" at={account.statusSince} />],
          account.statusReason === null ? null : ['Because', account.statusReason],
          ['Kind', accountKindWords[account.kind].name],
          ['Domain identifier', account.domainIdentifier],
          ['Export category', account.exportCategory],
          [
            'Sequence that goes back',
            account.sequencePolicy === 'refuse' ? 'is refused' : 'is flagged and answered',
          ],
          ['Created', <Moment key="created" at={account.createdAt} />],
          ['Account id', <TagText key="id">{account.accountId}</TagText>],
          [
            'Orders',
            <PlaceLink key="orders" to={paths.platformOrders({ search: account.domainIdentifier })}>
              All orders
            </PlaceLink>,
          ],
          mayOpen
            ? [
                'Support',
                <PlaceLink key="support" to={paths.platformSupport({ account: account.accountId })}>
                  Open it as support…
                </PlaceLink>,
              ]
            : null,
        ]}
      />
      <StatusActions account={account} />
    </>
  );
}

import { isOpenRequest } from '@estover/domain/accounts';
import { type AnswerOf, listCustomerRequests, withdrawCustomerRequest } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { accountKindWords } from '../../account-kinds.ts';
import { useAction, usePages } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState, NothingMatches } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts, SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { shown } from '../../shown.ts';
import styles from '../platform/platform.module.css';
import { requestStateWords } from '../platform/request-words.ts';
import { AskForCustomerDialog } from './AskForCustomerDialog.tsx';

type CustomerRequest = AnswerOf<typeof listCustomerRequests>['items'][number];

const route = getRouteApi('/signed-in/accounts/$accountId/customer-requests');

const stateOptions = Object.entries(requestStateWords)
  .filter(([state]) => state !== 'requested')
  .map(([value, { label }]) => ({ value: value as CustomerRequest['state'], label }));

const RequestPill = ({ request: { state } }: { request: CustomerRequest }) => (
  <StatePill tone={requestStateWords[state].tone}>{requestStateWords[state].label}</StatePill>
);

const columns: Column<CustomerRequest>[] = [
  {
    key: 'company',
    title: 'Customer',
    cell: (request) => <TwoLines name={request.companyName} below={request.domainIdentifier} />,
  },
  { key: 'state', title: 'State', cell: (request) => <RequestPill request={request} /> },
  { key: 'since', title: 'Since', cell: (request) => <Moment at={request.stateSince} /> },
  { key: 'approver', title: 'Accepted by', cell: (request) => shown(request.approverEmail) },
];

/** What a partner asked for on customers' behalf, and what became of it. */
export default function CustomerRequestsPage() {
  const { accountId, kind, reasonAgainst } = useAccount();
  const { open, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const [asking, setAsking] = useState(false);
  const set = (change: Partial<typeof filters>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true });
  const list = usePages(listCustomerRequests, { params: { accountId }, query: filters });
  const opened = list.items.find(({ requestId }) => requestId === open);
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  const askButton = (
    <ReasonedButton
      variant="filled"
      reason={
        reasonAgainst('request-accounts') ??
        (kind === 'holding' ? null : 'Only partners ask for customers, in their holding account.')
      }
      onClick={() => setAsking(true)}
    >
      Ask for a customer…
    </ReasonedButton>
  );
  return (
    <>
      <PageHead
        title="Customer requests"
        sentence="You ask for a customer’s account; somebody at the customer accepts it. Both of you hear of it by mail."
        actions={askButton}
      />
      {asking && <AskForCustomerDialog onClose={() => setAsking(false)} />}
      <SplitPanel
        listName="Customer requests"
        closed={paths.customerRequests(accountId, filters)}
        panel={
          opened === undefined
            ? null
            : { title: opened.companyName, body: <RequestDetails key={opened.requestId} request={opened} /> }
        }
      >
        <Card>
          <FilterChips>
            <SearchChip
              label="Search requests"
              placeholder="Company, identifier, mail address"
              value={filters.search}
              onChange={(search) => set({ search })}
            />
            <SelectChip
              label="State"
              value={filters.state}
              options={stateOptions}
              onChange={(state) => set({ state })}
            />
          </FilterChips>
          <DataTable
            label="Customer requests"
            keyboard
            columns={columns}
            rows={list.items}
            rowKey={(request) => request.requestId}
            rowLink={(request) => paths.customerRequests(accountId, { ...filters, open: request.requestId })}
            openKey={open ?? null}
            {...list.table}
            empty={
              isFiltered ? (
                <NothingMatches
                  title="No request matches these filters"
                  onClear={() => void navigate({ search: {}, replace: true })}
                />
              ) : (
                <EmptyState title="You have asked for no customer yet" action={askButton}>
                  A customer without an account can get one this way; they accept it themselves.
                </EmptyState>
              )
            }
          />
        </Card>
      </SplitPanel>
    </>
  );
}

function RequestDetails({ request }: { request: CustomerRequest }) {
  const { accountId, reasonAgainst } = useAccount();
  const withdraw = useAction(withdrawCustomerRequest);
  const { requestId, requesterName, requesterEmail, domainIdentifier } = request;
  return (
    <>
      <Facts
        facts={[
          ['State', <RequestPill key="state" request={request} />],
          ['Since', <Moment key="since" at={request.stateSince} />],
          request.endsAt === null ? null : ['Expires', <Moment key="ends" at={request.endsAt} />],
          ['Kind', accountKindWords[request.kind].name],
          ['Domain identifier', domainIdentifier],
          ['Asked for by', `${requesterName}, ${requesterEmail}`],
          ['On', <Moment key="on" at={request.requestedAt} />],
          ['Accepted by', request.approverEmail],
          request.justification === '' ? null : ['Why a prefix', request.justification],
          request.reason === null ? null : ['Reason', request.reason],
        ]}
      />
      <div className={styles.mail}>
        <ProblemNotice error={withdraw.error} />
        <div className={styles.mailActions}>
          <ReasonedButton
            reason={
              reasonAgainst('request-accounts') ??
              (isOpenRequest(request.state) ? null : 'The request is closed.')
            }
            loading={withdraw.isPending}
            onClick={() =>
              withdraw.mutate(
                { params: { accountId, requestId } },
                { onSuccess: () => notifyDone(`Withdrew the request for ${domainIdentifier}.`) },
              )
            }
          >
            Withdraw the request
          </ReasonedButton>
        </div>
      </div>
    </>
  );
}

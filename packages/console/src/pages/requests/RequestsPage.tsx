import { listAccessRequests } from '@estover/protocol';
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type AccessRequest, accessRequestStateWords, askedInWords } from '../../access-request-words.ts';
import { useAccount } from '../../account.tsx';
import { usePages } from '../../api.ts';
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { AccessRequestPanel, RequestPill } from './AccessRequestPanel.tsx';

const route = getRouteApi('/signed-in/accounts/$accountId/requests');

const stateOptions = Object.entries(accessRequestStateWords).map(([value, { label }]) => ({
  value: value as AccessRequest['state'],
  label,
}));

const columns: Column<AccessRequest>[] = [
  {
    key: 'who',
    title: 'From',
    cell: ({ person }) => (
      <TwoLines name={person.name} below={person.partner ? `${person.email} · partner` : person.email} />
    ),
  },
  { key: 'what', title: 'Asks for', cell: (request) => askedInWords(request) },
  { key: 'state', title: 'State', cell: (request) => <RequestPill request={request} /> },
  { key: 'at', title: 'Asked', cell: ({ askedAt }) => <Moment at={askedAt} /> },
];

/** The inbox of those who answer for the account: what people ask for, what waits first. */
export default function RequestsPage() {
  const { accountId } = useAccount();
  const { open, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const list = usePages(listAccessRequests, { params: { accountId }, query: filters });
  const opened = list.items.find(({ requestId }) => requestId === open);
  const waiting = list.first?.waiting;
  return (
    <>
      <PageHead
        title="Requests"
        sentence={
          waiting === undefined
            ? ''
            : waiting === 0
              ? 'Nobody waits for your answer.'
              : `${count(waiting, 'request')} ${waiting === 1 ? 'waits' : 'wait'} for your answer.`
        }
      />
      <SplitPanel
        listName="Requests"
        closed={paths.requests(accountId, filters)}
        panel={
          opened === undefined
            ? null
            : {
                title: opened.person.name,
                body: <AccessRequestPanel key={opened.requestId} request={opened} />,
              }
        }
      >
        <Card>
          <FilterChips>
            <SelectChip
              label="State"
              value={filters.state}
              options={stateOptions}
              onChange={(state) => void navigate({ search: (was) => ({ ...was, state }), replace: true })}
            />
          </FilterChips>
          <DataTable
            label="Requests"
            keyboard
            columns={columns}
            rows={list.items}
            rowKey={({ requestId }) => requestId}
            rowLink={({ requestId }) => paths.requests(accountId, { ...filters, open: requestId })}
            openKey={open ?? null}
            {...list.table}
            empty={
              filters.state === undefined ? (
                <EmptyState title="Nobody has asked for access yet">
                  People ask at “Ask for access” in their menu, with the account’s domain identifier.
                </EmptyState>
              ) : (
                <EmptyState
                  title="No request is in this state"
                  action={
                    <Button onClick={() => void navigate({ search: {}, replace: true })}>
                      Clear the filter
                    </Button>
                  }
                />
              )
            }
          />
        </Card>
      </SplitPanel>
    </>
  );
}

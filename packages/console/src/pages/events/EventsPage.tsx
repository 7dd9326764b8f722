import { reachOf } from '@estover/domain/access';
import { downloadEvents, listEvents, listPeople, operations } from '@estover/protocol';
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { client, useOperation, usePages } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ClearChip, DayChip } from '../../parts/chips.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { paths } from '../../paths.ts';
import { type Event, EventPanel } from './EventPanel.tsx';
import { eventSentence } from './event-sentence.ts';
import { ProofDialog } from './ProofDialog.tsx';
import { QueryBar } from './QueryBar.tsx';
import { eventFilters } from './search.ts';

const route = getRouteApi('/signed-in/accounts/$accountId/events');

/** What can have changed something in an account, by the operation's name. */
const operationOptions = [...operations.values()]
  .filter(({ method, permission }) => method !== 'GET' && permission.at !== 'public')
  .map(({ name, summary }) => ({ value: name, label: summary }))
  // What identity providers do is no operation of the API.
  .concat([
    { value: 'provisionPerson', label: 'Provision a person' },
    { value: 'updateProvisionedPerson', label: 'Change, activate or deactivate a provisioned person' },
    { value: 'deprovisionPerson', label: 'Take a provisioned person out of the account' },
    { value: 'updateProvisionedGroup', label: 'Change who is in a provisioned group' },
  ]);

/** Kinds of objects that most events are of, and those of the events that are shown. */
const usualKinds = [
  'account',
  'api-key',
  'grant',
  'group',
  'movement',
  'product-instance',
  'token',
  'virtual-account',
];
const objectKinds = (events: readonly Event[]) =>
  [...new Set([...usualKinds, ...events.map(({ objectKind }) => objectKind)])].sort();

const columns: Column<Event>[] = [
  {
    key: 'message',
    title: 'Event',
    cell: (event) => <TwoLines name={eventSentence(event.message)} below={event.operation} />,
  },
  { key: 'actor', title: 'By', cell: (event) => event.actor.name },
  {
    key: 'virtualAccount',
    title: 'Virtual account',
    cell: (event) => (event.virtualAccountId === null ? '–' : formatPath(event.virtualAccountPath)),
  },
  { key: 'at', title: 'When', cell: (event) => <Moment at={event.at} /> },
];

/** What still fits beside the open panel. */
const narrowColumns = columns.filter(({ key }) => key !== 'virtualAccount');

/** Everything that was changed: who, what, when, before and after. */
export default function EventsPage() {
  const account = useAccount();
  const { accountId } = account;
  const search = route.useSearch();
  const { open, ...filters } = search;
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true, resetScroll: false });
  const list = usePages(listEvents, { params: { accountId }, query: eventFilters(search) });
  const people = useOperation(
    listPeople,
    { params: { accountId }, query: { limit: 200 } },
    { enabled: account.may('view-people') },
  );
  const [proving, setProving] = useState(false);
  const seesAll = reachOf(account.roles, 'view-events').kind === 'everything';
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  const openEvent = list.items.find(({ eventId }) => eventId === open);

  const actors = new Map((people.data?.items ?? []).map(({ personId, name }) => [personId, name]));
  for (const { actor } of list.items) if (actor.id !== null) actors.set(actor.id, actor.name);
  if (filters.actorId !== undefined && !actors.has(filters.actorId))
    actors.set(filters.actorId, filters.actorId);

  return (
    <>
      <PageHead
        title="Events"
        sentence="Every change, who made it and what it was before. Events are never edited or deleted."
        actions={
          <>
            <ReasonedButton
              reason={seesAll ? null : 'The chain holds all events; your role sees some of them.'}
              onClick={() => setProving(true)}
            >
              Prove…
            </ReasonedButton>
            <Button
              component="a"
              href={client.url(downloadEvents, {
                params: { accountId },
                query: { ...eventFilters(search), format: 'csv' },
              })}
              download
            >
              Download CSV
            </Button>
          </>
        }
      />
      {proving && <ProofDialog onClose={() => setProving(false)} />}
      <SplitPanel
        listName="Events"
        closed={paths.events(accountId, filters)}
        panel={
          open === undefined
            ? null
            : {
                title: 'Event',
                body:
                  openEvent === undefined ? (
                    <EmptyState title={list.isPending ? 'Reading…' : 'The event is not on this page'}>
                      {list.isPending ? undefined : 'Widen the filters or load more to see it.'}
                    </EmptyState>
                  ) : (
                    <EventPanel event={openEvent} search={search} />
                  ),
              }
        }
      >
        <Card>
          <QueryBar
            filters={filters}
            values={{
              operation: operationOptions.map(({ value, label }) => ({ value, hint: label })),
              person: (people.data?.items ?? []).map(({ email, name }) => ({ value: email, hint: name })),
              object: objectKinds(list.items).map((value) => ({ value, hint: '' })),
            }}
            onChange={(query) => void navigate({ search: query, replace: true, resetScroll: false })}
          />
          <FilterChips>
            <DayChip label="From" value={filters.from} onChange={(from) => set({ from })} />
            <DayChip label="Until" value={filters.until} onChange={(until) => set({ until })} />
            <SelectChip
              label="By"
              any="anybody"
              value={filters.actorId}
              options={[...actors].map(([value, label]) => ({ value, label }))}
              onChange={(actorId) => set({ actorId })}
            />
            <SelectChip
              label="Operation"
              value={filters.operation}
              options={operationOptions}
              onChange={(operation) => set({ operation })}
            />
            <VirtualAccountChip
              virtualAccountId={filters.virtualAccountId}
              nested={filters.nested ?? true}
              onChange={({ virtualAccountId, nested }) =>
                set({ virtualAccountId, nested: nested ? undefined : false })
              }
            />
            {filters.person !== undefined && (
              <ClearChip label="By" value={filters.person} onClear={() => set({ person: undefined })} />
            )}
            {filters.search !== undefined && (
              <ClearChip label="Words" value={filters.search} onClear={() => set({ search: undefined })} />
            )}
            {(filters.objectKind !== undefined || filters.objectId !== undefined) && (
              <ClearChip
                label="Object"
                value={[filters.objectKind?.replaceAll('-', ' '), filters.objectId]
                  .filter((part) => part !== undefined)
                  .join(' ')}
                onClear={() => set({ objectKind: undefined, objectId: undefined })}
              />
            )}
          </FilterChips>
          <DataTable
            label="Events"
            keyboard
            columns={open === undefined ? columns : narrowColumns}
            rows={list.items}
            rowKey={(event) => event.eventId}
            rowLink={(event) => paths.events(accountId, { ...filters, open: event.eventId })}
            openKey={open ?? null}
            {...list.table}
            empty={
              <EmptyState
                title={isFiltered ? 'No event matches these filters' : 'Nothing has happened yet'}
                action={
                  isFiltered && (
                    <Button onClick={() => void navigate({ search: {}, replace: true })}>
                      Clear the filters
                    </Button>
                  )
                }
              >
                {isFiltered ? undefined : 'Every change is written down here in the moment it happens.'}
              </EmptyState>
            }
          />
        </Card>
      </SplitPanel>
    </>
  );
}

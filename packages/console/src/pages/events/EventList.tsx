import type { AnswerOf, listEvents } from '@estover/protocol';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Pages } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ClearChip, DayChip } from '../../parts/chips.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment } from '../../parts/figures.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import type { Place } from '../../paths.ts';
import { type Event, EventPanel } from './EventPanel.tsx';
import { eventSentence } from './event-sentence.ts';
import { QueryBar } from './QueryBar.tsx';
import type { EventsSearch } from './search.ts';

const columns: Column<Event>[] = [
  {
    key: 'message',
    title: 'Event',
    cell: (event) => <TwoLines name={eventSentence(event.message)} below={event.operation} />,
  },
  {
    key: 'actor',
    title: 'By',
    cell: ({ actor }) =>
      actor.onBehalfOf === null ? (
        actor.name
      ) : (
        <TwoLines name={actor.name} below={`on behalf of ${actor.onBehalfOf.name}`} />
      ),
  },
  {
    key: 'virtualAccount',
    title: 'Virtual account',
    cell: (event) => (event.virtualAccountId === null ? '–' : formatPath(event.virtualAccountPath)),
  },
  { key: 'at', title: 'When', cell: (event) => <Moment at={event.at} /> },
];

interface EventListProps {
  list: Pages<AnswerOf<typeof listEvents>>;
  /** The open event, where it is not on the pages that were read. */
  opened?: Event | undefined;
  search: EventsSearch;
  /** The page with other filters, or another event open. */
  place: (search: EventsSearch) => Place;
  onSearch: (search: EventsSearch) => void;
  people: readonly { personId: string; name: string; email: string }[];
  operations: { value: string; label: string }[];
  objectKinds: readonly string[];
  /** Null where events lie in no virtual account. */
  virtualAccounts: readonly VirtualAccount[] | null;
  virtualAccountChip?: ReactNode;
}

/** Events with their filters, in a line or one by one, and the open one in the panel. */
export function EventList(props: EventListProps) {
  const { list, search, place, onSearch, people, operations, virtualAccounts } = props;
  const { open, ...filters } = search;
  const set = (change: EventsSearch) => onSearch({ ...search, ...change });
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  const openEvent = list.items.find(({ eventId }) => eventId === open) ?? props.opened;
  // What still fits beside the open panel, and what there is at all.
  const shown =
    open === undefined && virtualAccounts !== null
      ? columns
      : columns.filter(({ key }) => key !== 'virtualAccount');

  const actors = new Map(people.map(({ personId, name }) => [personId, name]));
  for (const { actor } of list.items) {
    for (const { id, name } of [actor, ...(actor.onBehalfOf === null ? [] : [actor.onBehalfOf])]) {
      if (id !== null) actors.set(id, name);
    }
  }
  if (filters.actorId !== undefined && !actors.has(filters.actorId))
    actors.set(filters.actorId, filters.actorId);
  const kinds = [
    ...new Set([...props.objectKinds, ...list.items.map(({ objectKind }) => objectKind)]),
  ].sort();

  return (
    <SplitPanel
      listName="Events"
      closed={place(filters)}
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
                  <EventPanel event={openEvent} only={(change) => place({ ...filters, ...change })} />
                ),
            }
      }
    >
      <Card>
        <QueryBar
          filters={filters}
          values={{
            operation: operations.map(({ value, label }) => ({ value, hint: label })),
            person: people.map(({ email, name }) => ({ value: email, hint: name })),
            object: kinds.map((value) => ({ value, hint: '' })),
          }}
          virtualAccounts={virtualAccounts}
          onChange={onSearch}
        />
        <FilterChips>
          <DayChip label="From" value={filters.from} onChange={(from) => set({ from })} />
          <DayChip label="Until" value={filters.until} onChange={(until) => set({ until })} />
          <SelectChip
            label="By or on behalf of"
            any="anybody"
            value={filters.actorId}
            options={[...actors].map(([value, label]) => ({ value, label }))}
            onChange={(actorId) => set({ actorId })}
          />
          <SelectChip
            label="Operation"
            value={filters.operation}
            options={operations}
            onChange={(operation) => set({ operation })}
          />
          {props.virtualAccountChip}
          {filters.person !== undefined && (
            <ClearChip
              label="By or on behalf of"
              value={filters.person}
              onClear={() => set({ person: undefined })}
            />
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
          columns={shown}
          rows={list.items}
          rowKey={(event) => event.eventId}
          rowLink={(event) => place({ ...filters, open: event.eventId })}
          openKey={open ?? null}
          {...list.table}
          empty={
            <EmptyState
              title={isFiltered ? 'No event matches these filters' : 'Nothing has happened yet'}
              action={isFiltered && <Button onClick={() => onSearch({})}>Clear the filters</Button>}
            >
              {isFiltered ? undefined : 'Every change is written down here in the moment it happens.'}
            </EmptyState>
          }
        />
      </Card>
    </SplitPanel>
  );
}

import { downloadEvents } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { fileView } from '../edge/operation.ts';
import { type ColumnOf, csvFile, rowsOf } from '../reports/index.ts';
import { type EventFilters, type EventItem, eventOf, readEvents } from './events-view.ts';

const eventsAtOnce = 1_000;

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const columns: readonly ColumnOf<EventItem>[] = [
  { key: 'at', title: 'When (UTC)', width: 24, value: (event) => event.at },
  { key: 'actor', title: 'By', width: 24, value: (event) => event.actor.name },
  { key: 'actorKind', title: 'Kind of actor', width: 16, value: (event) => event.actor.kind },
  { key: 'operation', title: 'Operation', width: 24, value: (event) => event.operation },
  { key: 'message', title: 'Event', width: 60, value: (event) => event.message },
  { key: 'objectKind', title: 'Kind of object', width: 18, value: (event) => event.objectKind },
  { key: 'objectId', title: 'Object', width: 38, value: (event) => event.objectId },
  { key: 'virtualAccount', title: 'Virtual account', width: 32, value: (event) => event.virtualAccountPath },
  { key: 'before', title: 'Before', width: 40, value: (event) => json(event.before) },
  { key: 'after', title: 'After', width: 40, value: (event) => json(event.after) },
  { key: 'from', title: 'From', width: 18, value: (event) => event.from },
  { key: 'requestId', title: 'Request', width: 38, value: (event) => event.requestId },
  { key: 'batch', title: 'Batch', width: 8, value: (event) => event.batch },
  { key: 'eventId', title: 'Event id', width: 38, value: (event) => event.eventId },
];

/** All events of the filters, page by page of one snapshot; the first is read before anything is answered. */
async function eventBatches(
  context: Context,
  accountId: string,
  filters: EventFilters,
): Promise<AsyncIterable<EventItem[]>> {
  const read = (after: { at: string; eventId: string } | null) =>
    readEvents(context, accountId, filters, { limit: eventsAtOnce, after });
  const first = await read(null);
  return (async function* () {
    for (let rows = first; rows.length > 0; ) {
      yield rows.map(eventOf);
      const last = rows.at(-1);
      if (rows.length < eventsAtOnce || last === undefined) return;
      rows = await read({ at: last.at.toString(), eventId: last.eventId });
    }
  })();
}

async function* ndjson(batches: AsyncIterable<EventItem[]>): AsyncGenerator<string> {
  for await (const events of batches) yield events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

export const downloadEventsView = fileView(downloadEvents, async (context, { params, query }) => {
  const { format, ...filters } = query;
  const batches = await eventBatches(context, params.accountId, filters);
  const day = context.now.toZonedDateTimeISO('UTC').toPlainDate();
  return {
    contentType:
      format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8',
    fileName: `estover-events-${day}.${format}`,
    stream:
      format === 'csv'
        ? csvFile({ name: 'events', title: 'Events', columns, batches: rowsOf(columns, batches) })
        : ndjson(batches),
  };
});

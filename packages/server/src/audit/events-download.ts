import { downloadEvents, downloadPlatformEvents } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { type FileAnswer, fileView } from '../edge/operation.ts';
import { type ColumnOf, csvFile, rowsOf } from '../reports/index.ts';
import { type EventItem, eventOf, type Page, type Row, readEvents } from './events-view.ts';
import { readPlatformEvents } from './platform-events-view.ts';

const eventsAtOnce = 1_000;

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const columns: readonly ColumnOf<EventItem>[] = [
  { key: 'at', title: 'When (UTC)', width: 24, value: (event) => event.at },
  { key: 'actor', title: 'By', width: 24, value: (event) => event.actor.name },
  { key: 'actorKind', title: 'Kind of actor', width: 16, value: (event) => event.actor.kind },
  {
    key: 'onBehalfOf',
    title: 'On behalf of',
    width: 24,
    value: ({ actor }) => actor.onBehalfOf?.name ?? null,
  },
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

/** All events page by page of one snapshot; the first is read before anything is answered. */
async function eventBatches(read: (page: Page) => Promise<Row[]>): Promise<AsyncIterable<EventItem[]>> {
  const first = await read({ limit: eventsAtOnce, after: null });
  return (async function* () {
    for (let rows = first; rows.length > 0; ) {
      yield rows.map(eventOf);
      const last = rows.at(-1);
      if (rows.length < eventsAtOnce || last === undefined) return;
      rows = await read({ limit: eventsAtOnce, after: { at: last.at.toString(), eventId: last.eventId } });
    }
  })();
}

async function* ndjson(batches: AsyncIterable<EventItem[]>): AsyncGenerator<string> {
  for await (const events of batches) yield events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

async function eventsFile(
  { now }: Pick<Context, 'now'>,
  { named, format }: { named: string; format: 'csv' | 'ndjson' },
  read: (page: Page) => Promise<Row[]>,
): Promise<FileAnswer> {
  const batches = await eventBatches(read);
  const day = now.toZonedDateTimeISO('UTC').toPlainDate();
  return {
    contentType:
      format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8',
    fileName: `estover-${named}-${day}.${format}`,
    stream:
      format === 'csv'
        ? csvFile({ name: 'events', title: 'Events', columns, batches: rowsOf(columns, batches) })
        : ndjson(batches),
  };
}

export const downloadEventsView = fileView(downloadEvents, (context, { params, query }) => {
  const { format, ...filters } = query;
  return eventsFile(context, { named: 'events', format }, (page) =>
    readEvents(context, params.accountId, filters, page),
  );
});

export const downloadPlatformEventsView = fileView(downloadPlatformEvents, (context, { query }) => {
  const { format, ...filters } = query;
  return eventsFile(context, { named: 'platform-events', format }, (page) =>
    readPlatformEvents(context, filters, page),
  );
});

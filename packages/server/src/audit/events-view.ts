import { normalizeMailAddress } from '@estover/domain/accounts';
import { listEvents } from '@estover/protocol';
import { sql } from 'kysely';
import { chosenScope, scopeOf, scopeOfSystem } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import { likeText } from '../database/like-text.ts';
import type { Context, OnBehalfOf } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { type EventSight, sightOfAccount } from './event-sight.ts';
import { behalfOf } from './events-store.ts';
import { hiddenSentence, withoutPaths } from './hidden-facts.ts';

/** The sentence as this transaction tells it; null where it names virtual accounts that the reader may not know of. */
const toldMessage = sql<
  string | null
>`case when hides_names() then told_sentence(e.account_id, e.message, e.places) else e.message end`;

const selection = [
  'e.event_id as eventId',
  'e.at',
  'e.actor_kind as actorKind',
  'e.actor_id as actorId',
  'e.actor_name as actorName',
  'e.operation',
  toldMessage.as('message'),
  sql<boolean>`hides_names()`.as('hides'),
  'e.object_kind as objectKind',
  'e.object_id as objectId',
  'e.virtual_account_id as virtualAccountId',
  sql<string[] | null>`virtual_account_path(e.account_id, e.virtual_account_id)`.as('path'),
  'e.other_virtual_account_id as otherVirtualAccountId',
  sql<string[] | null>`virtual_account_path(e.account_id, e.other_virtual_account_id)`.as('otherPath'),
  'e.before',
  'e.after',
  'e.from_address as fromAddress',
  'e.request_id as requestId',
  'e.batch_number as batch',
  'e.chain_version as version',
  'e.behalf_kind as behalfKind',
  'e.behalf_id as behalfId',
  'e.behalf_name as behalfName',
] as const;

export type EventFilters = {
  eventId?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
  actorId?: string | undefined;
  /** Name, id or mail address. */
  person?: string | undefined;
  operation?: string | undefined;
  objectKind?: string | undefined;
  objectId?: string | undefined;
  virtualAccountId?: string | undefined;
  nested: boolean;
  search?: string | undefined;
};

/** Who reads: a caller, or whatever has grants. */
type Reader = Pick<Context, 'trx' | 'grants'>;

export interface Page {
  limit: number;
  after: { at: string; eventId: string } | null;
}

/**
 * Events newest first, as far as the caller may see them: of what they may see, in the account or the virtual accounts in
 * reach.
 */
export async function readEvents(context: Reader, accountId: string, filters: EventFilters, page: Page) {
  const scope =
    filters.virtualAccountId === undefined
      ? scopeOf(context, accountId, 'view-events')
      : await chosenScope(context, accountId, 'view-events', filters);
  return readSeenEvents(
    context.trx,
    accountId,
    { scope, sight: sightOfAccount(context.grants, accountId) },
    filters,
    page,
  );
}

/** Events of a chain newest first, as somebody with this sight sees them. */
export async function readSeenEvents(
  trx: Trx,
  accountId: string,
  { scope = scopeOfSystem, sight }: { scope?: typeof scopeOfSystem; sight: EventSight },
  filters: EventFilters,
  page: Page,
) {
  let query = trx
    .selectFrom('events as e')
    .select([...selection, sight.whole.as('whole'), sight.placeSeen.as('placeSeen')])
    .where('e.account_id', '=', accountId);
  if (!sight.everything) query = query.where(sight.sees);
  if (!scope.everything) {
    query = query.where((where) =>
      where.or([
        scope.includes(sql.ref('e.virtual_account_id')),
        scope.includes(sql.ref('e.other_virtual_account_id')),
      ]),
    );
  }
  if (filters.eventId !== undefined) query = query.where('e.event_id', '=', filters.eventId);
  if (filters.from !== undefined) query = query.where('e.at', '>=', Temporal.Instant.from(filters.from));
  if (filters.until !== undefined) query = query.where('e.at', '<', Temporal.Instant.from(filters.until));
  if (filters.actorId !== undefined) {
    const { actorId } = filters;
    query = query.where((where) =>
      where.or([where('e.actor_id', '=', actorId), where('e.behalf_id', '=', actorId)]),
    );
  }
  if (filters.person !== undefined) {
    const { person } = filters;
    // Whose an address is learns only who may see people.
    const ofAddress = sql`(select id from people where ${sight.seesAddresses} and email = ${normalizeMailAddress(person).toLowerCase()})`;
    query = query.where(
      sql<boolean>`(e.actor_id = ${person} or lower(e.actor_name) = lower(${person}) or e.actor_id in ${ofAddress}
        or e.behalf_id = ${person} or lower(e.behalf_name) = lower(${person}) or e.behalf_id in ${ofAddress})`,
    );
  }
  if (filters.operation !== undefined) query = query.where('e.operation', '=', filters.operation);
  if (filters.objectKind !== undefined) query = query.where('e.object_kind', '=', filters.objectKind);
  if (filters.objectId !== undefined) query = query.where('e.object_id', '=', filters.objectId);
  if (filters.search !== undefined) {
    const pattern = likeText(filters.search);
    query = query.where((where) =>
      where.or([
        // What is not told cannot be guessed by searching for it either.
        where.and([sql<boolean>`${toldMessage} ilike ${pattern}`, sight.whole]),
        where('e.actor_name', 'ilike', pattern),
        where('e.behalf_name', 'ilike', pattern),
      ]),
    );
  }
  if (page.after !== null) {
    query = query.where(
      sql<boolean>`(e.at, e.event_id) < (${page.after.at}::timestamptz, ${page.after.eventId}::uuid)`,
    );
  }
  return query.orderBy('e.at', 'desc').orderBy('e.event_id', 'desc').limit(page.limit).execute();
}

export type Row = Awaited<ReturnType<typeof readEvents>>[number];

/** Stands for what happened between a virtual account the reader may see and one they may not. */
const halfSeen = (objectKind: string): string =>
  `moved ${objectKind === 'movement' ? 'licenses' : `a ${objectKind.replaceAll('-', ' ')}`} between this virtual account and one you may not see`;

/** What changed, as the reader may know it; nothing where the sentence is not told either. */
const factsOf = ({ whole, message, hides }: Row, facts: unknown): unknown => {
  if (!whole || message === null) return null;
  return hides ? withoutPaths(facts) : facts;
};

export const eventOf = (row: Row) => ({
  eventId: row.eventId,
  at: row.at.toString(),
  actor: {
    kind: row.actorKind as 'person' | 'api-key' | 'product-instance' | 'system' | 'set-up',
    id: row.actorId,
    name: row.actorName,
    // What was sealed without saying so says nothing of it.
    onBehalfOf: row.batch !== null && row.version === 1 ? null : (behalfOf(row) as OnBehalfOf | null),
  },
  operation: row.operation,
  message: row.whole ? (row.message ?? hiddenSentence) : halfSeen(row.objectKind),
  objectKind: row.objectKind,
  objectId: row.objectId,
  virtualAccountId: row.placeSeen ? row.virtualAccountId : row.otherVirtualAccountId,
  virtualAccountPath: (row.placeSeen ? row.path : row.otherPath) ?? [],
  before: factsOf(row, row.before),
  after: factsOf(row, row.after),
  from: row.fromAddress,
  requestId: row.requestId,
  batch: row.batch,
});

export type EventItem = ReturnType<typeof eventOf>;

/** One event as somebody with these grants sees it; undefined where they do not. `at` is when it happened. */
export async function eventSeenBy(
  reader: Reader,
  accountId: string,
  { eventId, at }: { eventId: string; at: Temporal.Instant },
): Promise<EventItem | undefined> {
  // Events lie in parts by month: the instant says in which one to look.
  const moment = { from: at.toString(), until: at.add({ microseconds: 1 }).toString() };
  const filters = { eventId, ...moment, nested: true };
  const [row] = await readEvents(reader, accountId, filters, { limit: 1, after: null });
  return row === undefined ? undefined : eventOf(row);
}

/** Sentences of events of an account by id, as the transaction tells them now. */
export async function toldSentences(
  trx: Trx,
  accountId: string,
  eventIds: readonly string[],
): Promise<{ eventId: string; sentence: string }[]> {
  const { rows } = await sql<{ eventId: string; sentence: string }>`
    select e.event_id as "eventId", coalesce(${toldMessage}, ${hiddenSentence}) as sentence
      from events e where e.account_id = ${accountId} and e.event_id = any(${[...eventIds]}::uuid[])`.execute(
    trx,
  );
  return rows;
}

/** The last events of one object, newest first, as far as the caller may see them. */
export async function eventsOf(
  context: Context,
  accountId: string,
  object: { objectKind: string; objectId: string },
  limit: number,
): Promise<EventItem[]> {
  const rows = await readEvents(context, accountId, { ...object, nested: true }, { limit, after: null });
  return rows.map(eventOf);
}

/** A page of a list of events from where its cursor says. */
export async function pageOfEvents(
  query: { cursor?: string | undefined; limit: number },
  read: (page: Page) => Promise<Row[]>,
) {
  const cursor = decodeCursor('events', query.cursor, 2);
  const after = cursor === null ? null : { at: String(cursor[0]), eventId: String(cursor[1]) };
  const rows = await read({ limit: query.limit + 1, after });
  return pageFrom('events', rows, query.limit, eventOf, (row) => [row.at.toString(), row.eventId]);
}

export const listEventsView = view(listEvents, (context, { params, query }) =>
  pageOfEvents(query, (page) => readEvents(context, params.accountId, query, page)),
);

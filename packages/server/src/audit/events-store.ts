import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { type ChainedEvent, chainVersion, hashOfEvent } from './event-chain.ts';
import type { HeadKey } from './rewritten-events.ts';

export interface StoredEvent extends ChainedEvent {
  batchNumber: number | null;
  /** The hash it was sealed with. */
  hash: Buffer | null;
  /** When the names of a removed person were taken out of it; it does not fit its hash any more then. */
  rewrittenAt: Temporal.Instant | null;
}

const columns = [
  'account_id as accountId',
  'event_id as eventId',
  'at',
  'actor_kind as actorKind',
  'actor_id as actorId',
  'actor_name as actorName',
  'operation',
  'message',
  'object_kind as objectKind',
  'object_id as objectId',
  'virtual_account_id as virtualAccountId',
  'other_virtual_account_id as otherVirtualAccountId',
  'before',
  'after',
  'from_address as from',
  'request_id as requestId',
  'batch_number as batchNumber',
  'hash',
  'salt',
  'rewritten_at as rewrittenAt',
  'chain_version as version',
  'behalf_kind as behalfKind',
  'behalf_id as behalfId',
  'behalf_name as behalfName',
] as const;

type Reader = Pick<Trx, 'selectFrom'>;

/** Accounts (and the platform) that have events waiting to be sealed. */
export async function accountsToSeal(
  reader: Reader,
  limit: number,
  among?: readonly string[],
): Promise<string[]> {
  const waiting = reader
    .selectFrom('events')
    .select('account_id')
    .distinct()
    .where('batch_number', 'is', null)
    .limit(limit);
  const rows = await (among === undefined ? waiting : waiting.where('account_id', 'in', among)).execute();
  return rows.map((row) => row.account_id);
}

/** How many events wait to be sealed; they are not proved yet. */
export async function countUnsealed(reader: Reader, accountId: string): Promise<number> {
  const { count } = await reader
    .selectFrom('events')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('batch_number', 'is', null)
    .executeTakeFirstOrThrow();
  return count;
}

/** Events that wait, as they are to be sealed now. A server of before seals them as it always did, and they stay of its version. */
export async function unsealedEvents(trx: Trx, accountId: string, limit: number): Promise<StoredEvent[]> {
  const rows = await trx
    .selectFrom('events')
    .select(columns)
    .where('account_id', '=', accountId)
    .where('batch_number', 'is', null)
    .orderBy('event_id')
    .limit(limit)
    .execute();
  return rows.map((row) => storedEvent({ ...row, version: chainVersion }));
}

export async function eventsOfBatch(
  reader: Reader,
  accountId: string,
  batchNumber: number,
): Promise<StoredEvent[]> {
  const rows = await reader
    .selectFrom('events')
    .select(columns)
    .where('account_id', '=', accountId)
    .where('batch_number', '=', batchNumber)
    .orderBy('event_id')
    .execute();
  return rows.map(storedEvent);
}

export interface BatchRow {
  batchNumber: number;
  events: number;
  previousHash: Buffer;
  hash: Buffer;
  /** The installation's epoch when the batch was sealed. */
  epoch: number;
  sealedAt: Temporal.Instant;
}

const batchColumns = [
  'batch_number as batchNumber',
  'events',
  'previous_hash as previousHash',
  'hash',
  'epoch',
  'sealed_at as sealedAt',
] as const;

/** The account's batches after a number, in order. */
export async function batchesAfter(
  reader: Reader,
  accountId: string,
  batchNumber: number,
  limit: number,
): Promise<BatchRow[]> {
  return reader
    .selectFrom('event_batches')
    .select(batchColumns)
    .where('account_id', '=', accountId)
    .where('batch_number', '>', batchNumber)
    .orderBy('batch_number')
    .limit(limit)
    .execute();
}

export async function lastBatch(reader: Reader, accountId: string): Promise<BatchRow | undefined> {
  return reader
    .selectFrom('event_batches')
    .select(batchColumns)
    .where('account_id', '=', accountId)
    .orderBy('batch_number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The installation's epoch; 1 before there is an installation. */
export async function epochNow(reader: Reader): Promise<number> {
  const row = await reader.selectFrom('installation').select('epoch').executeTakeFirst();
  return row?.epoch ?? 1;
}

/** Writes the batch; false when another server sealed a batch of the same number first. */
export async function insertBatch(trx: Trx, accountId: string, batch: BatchRow): Promise<boolean> {
  const result = await trx
    .insertInto('event_batches')
    .values({
      account_id: accountId,
      batch_number: batch.batchNumber,
      events: batch.events,
      previous_hash: batch.previousHash,
      hash: batch.hash,
      sealed_at: batch.sealedAt,
      epoch: batch.epoch,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Marks events as sealed. */
export async function markSealed(
  trx: Trx,
  batchNumber: number,
  events: readonly StoredEvent[],
): Promise<void> {
  const accountId = events[0]?.accountId;
  const ids = events.map((event) => event.eventId);
  const instants = events.map((event) => event.at);
  const hashes = events.map((event) => hashOfEvent(chained(event)).toString('hex'));
  const versions = events.map((event) => event.version ?? 1);
  await sql`
    update events e set batch_number = ${batchNumber}, hash = decode(sealed.hash, 'hex'), chain_version = sealed.version
      from unnest(${ids}::uuid[], ${instants}::timestamptz[], ${hashes}::text[], ${versions}::smallint[])
           as sealed (event_id, at, hash, version)
     where e.account_id = ${accountId} and e.event_id = sealed.event_id and e.at = sealed.at`.execute(trx);
}

interface BehalfColumns {
  behalfKind: string | null;
  behalfId: string | null;
  behalfName: string | null;
}

/** On whose behalf an event was, from its columns. */
export const behalfOf = ({ behalfKind, behalfId, behalfName }: BehalfColumns) =>
  behalfKind === null || behalfName === null ? null : { kind: behalfKind, id: behalfId, name: behalfName };

const storedEvent = <
  Row extends { at: Temporal.Instant; salt: Buffer | null; version: number } & BehalfColumns,
>({
  version,
  behalfKind,
  behalfId,
  behalfName,
  ...row
}: Row) => ({
  ...row,
  at: row.at.toString(),
  salt: row.salt?.toString('hex'),
  ...(version === 1 ? {} : { version, onBehalfOf: behalfOf({ behalfKind, behalfId, behalfName }) }),
});

/** The part of a stored event that is hashed. */
export function chained({
  batchNumber: _batch,
  hash: _hash,
  rewrittenAt: _rewritten,
  ...event
}: StoredEvent): ChainedEvent {
  return event;
}

/** Takes events of an account by id for the rest of the transaction, in the order of the chain. */
export async function lockEvents(
  trx: Trx,
  accountId: string,
  eventIds: readonly string[],
): Promise<StoredEvent[]> {
  const rows = await trx
    .selectFrom('events')
    .select(columns)
    .where('account_id', '=', accountId)
    .where('event_id', '=', sql<string>`any(${eventIds}::uuid[])`)
    .orderBy('batch_number')
    .orderBy('event_id')
    .forUpdate()
    .execute();
  return rows.map(storedEvent);
}

/** Events of these batches of an account out of which names were taken, in the order of the chain. */
export async function rewrittenEventsOf(
  trx: Trx,
  accountId: string,
  batchNumbers: readonly number[],
): Promise<StoredEvent[]> {
  const rows = await trx
    .selectFrom('events')
    .select(columns)
    .where('account_id', '=', accountId)
    .where('rewritten_at', 'is not', null)
    .where('batch_number', '=', sql<number>`any(${batchNumbers}::bigint[])`)
    .orderBy('batch_number')
    .orderBy('event_id')
    .execute();
  return rows.map(storedEvent);
}

/** Writes what sealed events read from now on, in which nothing stands where it stood. The hash they were sealed with stays. */
export async function saveRewritten(
  trx: Trx,
  accountId: string,
  events: readonly ChainedEvent[],
  now: Temporal.Instant,
): Promise<void> {
  const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  await sql`
    update events e
       set actor_name = given.actor_name, message = given.message, before = given.before::jsonb,
           after = given.after::jsonb, from_address = given.from_address, behalf_name = given.behalf_name,
           salt = null, places = null, rewritten_at = ${now}
      from unnest(${events.map((event) => event.eventId)}::uuid[], ${events.map((event) => event.actorName)}::text[],
                  ${events.map((event) => event.message)}::text[], ${events.map((event) => json(event.before))}::text[],
                  ${events.map((event) => json(event.after))}::text[], ${events.map((event) => event.from)}::text[],
                  ${events.map((event) => event.onBehalfOf?.name ?? null)}::text[])
           as given (event_id, actor_name, message, before, after, from_address, behalf_name)
     where e.account_id = ${accountId} and e.event_id = given.event_id`.execute(trx);
}

/** Who answers for API clients now, by the client's id and which of its secrets was used: whoever made that secret. */
export async function makersOfKeys(
  trx: Trx,
  apiKeyIds: readonly string[],
): Promise<Map<string, Record<'own' | 'previous', { id: string; name: string } | null>>> {
  type Maker = { id: string; name: string } | null;
  const { rows } = await sql<{ apiKeyId: string; own: Maker; previous: Maker }>`
    select k.api_key_id as "apiKeyId",
           case when own.id is not null then jsonb_build_object('id', own.id, 'name', own.name) end as own,
           case when earlier.id is not null then jsonb_build_object('id', earlier.id, 'name', earlier.name) end as previous
      from api_keys k
      left join people own on own.id = k.made_by_person
      left join people earlier on earlier.id = k.previous_made_by_person
     where k.api_key_id = any(${[...apiKeyIds]}::uuid[])`.execute(trx);
  return new Map(rows.map(({ apiKeyId, own, previous }) => [apiKeyId, { own, previous }]));
}

/** The public keys that have signed for the installation, also those whose time is over. */
export async function documentKeys(reader: Reader): Promise<HeadKey[]> {
  const rows = await reader
    .selectFrom('signing_keys')
    .select(['kid', 'public_key as publicJwk'])
    .where('purpose', '=', 'documents')
    .execute();
  return rows.map(({ kid, publicJwk }) => ({ ...(publicJwk as Omit<HeadKey, 'kid'>), kid }));
}

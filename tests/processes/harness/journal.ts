import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Database } from '../../../packages/server/src/database/database.ts';

/** What clients were told to be done, and nothing else: kept on their side of the line. */
export interface Journal {
  readonly accountId: string;
  readonly tokenId: string;
  /** Available units by virtual account, as they must be by what was acknowledged. */
  readonly available: Map<string, number>;
  /** Ids of the movements that transfers were answered with. */
  readonly movements: Set<string>;
  /** Numbers of imported orders. */
  readonly orders: Set<string>;
  /** By instance: ids of the reports that were answered, and the counts that they gave, in order. */
  readonly instances: Map<string, { messages: string[]; counts: number[] }>;
}

/**
 * Compares the journal with the database: all that was acknowledged is there, once, and nothing else is there. To be
 * called once every request has its definite reply.
 */
export async function expectExactly(db: Database, journal: Journal): Promise<void> {
  const { accountId, tokenId } = journal;
  const ids = async (query: ReturnType<typeof sql<{ id: string }>>) =>
    (await query.execute(db)).rows.map(({ id }) => id);

  const movements = await ids(sql<{ id: string }>`
    select movement_id as id from movements where account_id = ${accountId} and kind = 'transfer' order by 1`);
  expect(movements).toEqual([...journal.movements].sort());

  const events = await ids(sql<{ id: string }>`
    select object_id as id from events
     where account_id = ${accountId} and operation = 'transferLicenses' order by 1`);
  expect(events).toEqual(movements);

  const orders = await ids(sql<{ id: string }>`
    select distinct o.order_number as id from orders o join order_lines l using (order_id)
     where l.account_id = ${accountId} and o.order_number like 'I-%' and l.state = 'delivered' order by 1`);
  expect(orders).toEqual([...journal.orders].sort());

  const pools = await sql<{ id: string; available: number }>`
    select virtual_account_id as id, available from pools where account_id = ${accountId}`.execute(db);
  expect(new Map(pools.rows.map(({ id, available }) => [id, available]))).toEqual(journal.available);

  const instances = await ids(sql<{ id: string }>`
    select instance_id as id from product_instances where account_id = ${accountId} order by 1`);
  expect(instances).toEqual([...journal.instances.keys()].sort());
  const token = await db
    .selectFrom('registration_tokens')
    .select('uses')
    .where('token_id', '=', tokenId)
    .executeTakeFirstOrThrow();
  expect(token.uses).toBe(journal.instances.size);

  const reports = await ids(sql<{ id: string }>`
    select message_id as id from device_messages where account_id = ${accountId} and kind = 'authorize' order by 1`);
  const answered = [...journal.instances.values()].flatMap(({ messages }) => messages);
  expect(reports).toEqual(answered.sort());

  const changes = await sql<{ id: string; from: number; to: number }>`
    select instance_id as id, from_count as "from", to_count as "to" from usage_changes
     where account_id = ${accountId} order by instance_id, at, change_id`.execute(db);
  expect(Map.groupBy(changes.rows, ({ id }) => id)).toEqual(changesOf(journal));

  // What is kept under the keys of requests is whole: an answer each, and none of what was rolled back.
  const keys = await sql<{ operation: string; answers: number; whole: boolean }>`
    select operation, count(*) as answers, bool_and(status between 200 and 299 and answer <> '') as whole
      from idempotency_keys where operation in ('transferLicenses', 'importOrders') group by 1 order by 1`.execute(
    db,
  );
  for (const { operation, whole } of keys.rows) expect([operation, whole]).toEqual([operation, true]);
}

/** Every change that the counts of an instance came to, in order. */
function changesOf({ instances }: Journal): Map<string, { id: string; from: number; to: number }[]> {
  const changes = new Map<string, { id: string; from: number; to: number }[]>();
  for (const [id, { counts }] of instances) {
    const own: { id: string; from: number; to: number }[] = [];
    let from = 0;
    for (const to of counts) {
      if (to !== from) own.push({ id, from, to });
      from = to;
    }
    if (own.length > 0) changes.set(id, own);
  }
  return changes;
}

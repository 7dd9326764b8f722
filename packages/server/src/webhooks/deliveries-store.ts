import { sql } from 'kysely';
import type { VirtualAccountScope } from '../access/scope.ts';
import type { Database, Trx } from '../database/database.ts';
import type { WebhookRow } from './webhooks-store.ts';

/** How long a delivery is kept, and how far back a webhook catches up. */
export const keptHours = 30 * 24;

/** So many batches are taken at a time, each of at most 5,000 events. */
const batchesAtOnce = 4;

/** The accounts that have a webhook which is on, whose events are sealed at once and not by the minute. */
export async function accountsWithWebhooks(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom('webhooks')
    .select('account_id')
    .distinct()
    .where('off_reason', 'is', null)
    .orderBy('account_id')
    .execute();
  return rows.map((row) => row.account_id);
}

type Place = Pick<WebhookRow, 'accountId' | 'webhookId'>;

/** Webhooks that are on and have not come to the end of their account's chain. */
export async function webhooksBehind(db: Database): Promise<Place[]> {
  const { rows } = await sql<Place>`
    select w.account_id as "accountId", w.webhook_id as "webhookId" from webhooks w
     where w.off_reason is null
       and exists (select 1 from event_batches b where b.account_id = w.account_id and b.batch_number > w.sent_batch)
     order by w.webhook_id`.execute(db);
  return rows;
}

/**
 * Makes deliveries of the events that were sealed since, as far as the webhook may see them and asks for them, and moves it
 * on. Its row is held by the caller. Batches follow each other without a gap, and no event comes into one later: so none is
 * missed, and none is taken twice. Returns whether there is more.
 */
export async function queueSealedEvents(
  trx: Trx,
  webhook: WebhookRow,
  scope: VirtualAccountScope,
  now: Temporal.Instant,
): Promise<boolean> {
  const { accountId, webhookId, sentBatch, operations, objectKinds, sendsFrom } = webhook;
  const { rows } = await sql<{ last: number | null; count: number }>`
    select max(batch_number) as last, count(*) as count from (
      select batch_number from event_batches where account_id = ${accountId} and batch_number > ${sentBatch}
       order by batch_number limit ${batchesAtOnce}) next`.execute(trx);
  const { last = null, count = 0 } = rows[0] ?? {};
  if (last === null) return false;
  const all = operations.length === 0 && objectKinds.length === 0;
  await sql`
    insert into webhook_deliveries (account_id, webhook_id, message_id, kind, type, at, state, next_try_at, created_at)
    select e.account_id, ${webhookId}, e.event_id, 'event', e.operation, e.at, 'waiting', ${now}, ${now}
      from events e
     where e.account_id = ${accountId} and e.batch_number > ${sentBatch} and e.batch_number <= ${last}
       and e.at >= ${sendsFrom} and e.at >= ${now.subtract({ hours: keptHours })}
       and (${all} or e.operation = any(${operations}::text[]) or e.object_kind = any(${objectKinds}::text[]))
       and (${scope.everything} or ${scope.includes(sql.ref('e.virtual_account_id'))}
            or ${scope.includes(sql.ref('e.other_virtual_account_id'))})
    on conflict do nothing`.execute(trx);
  await trx
    .updateTable('webhooks')
    .set({ sent_batch: last })
    .where('account_id', '=', accountId)
    .where('webhook_id', '=', webhookId)
    .execute();
  return count === batchesAtOnce;
}

export async function insertTest(
  trx: Trx,
  test: Place & { messageId: string; type: string; now: Temporal.Instant },
): Promise<void> {
  await trx
    .insertInto('webhook_deliveries')
    .values({
      account_id: test.accountId,
      webhook_id: test.webhookId,
      message_id: test.messageId,
      kind: 'test',
      type: test.type,
      at: test.now,
      state: 'waiting',
      next_try_at: test.now,
      status: null,
      problem: null,
      created_at: test.now,
    })
    .execute();
}

/** A delivery as one server took it to send it. */
export interface ClaimedDelivery extends Place {
  messageId: string;
  kind: 'event' | 'test';
  type: string;
  at: Temporal.Instant;
  /** This one counted. Whoever takes the delivery later has counted one more. */
  tries: number;
  triesBefore: number;
}

export interface ClaimBounds {
  now: Temporal.Instant;
  /** When another server may take what this one took. */
  until: Temporal.Instant;
  /** In all, and for one webhook with what is under way already. */
  most: number;
  perWebhook: number;
  /** How many deliveries of a webhook this server sends at the moment. */
  underWay: ReadonlyMap<string, number>;
}

/**
 * Takes deliveries that are due. Those who have the least under way come first, so that one webhook that is slow or far
 * behind leaves room for all others; what another server takes at this moment is passed over.
 */
export async function claimDueDeliveries(
  db: Database,
  { now, until, most, perWebhook, underWay }: ClaimBounds,
): Promise<ClaimedDelivery[]> {
  const { rows } = await sql<ClaimedDelivery>`
    with busy as (
      select * from unnest(${[...underWay.keys()]}::uuid[], ${[...underWay.values()]}::int[]) as b (webhook_id, under_way)),
    due as materialized (
      select d.account_id, d.webhook_id, d.message_id, d.next_try_at,
             row_number() over (partition by d.webhook_id order by d.next_try_at, d.message_id)
               + coalesce(b.under_way, 0) as place
        from webhooks w left join busy b on b.webhook_id = w.webhook_id
       cross join lateral (
         select * from webhook_deliveries d
          where d.account_id = w.account_id and d.webhook_id = w.webhook_id and d.state = 'waiting' and d.next_try_at <= ${now}
          order by d.next_try_at, d.message_id limit ${perWebhook}) d
       where w.off_reason is null),
    chosen as materialized (
      select d.account_id, d.webhook_id, d.message_id
        from webhook_deliveries d
        join (select * from due where place <= ${perWebhook} order by place, next_try_at, message_id limit ${most}) next
          using (account_id, webhook_id, message_id)
       where d.state = 'waiting' and d.next_try_at <= ${now}
         for update of d skip locked)
    update webhook_deliveries d set tries = d.tries + 1, next_try_at = ${until}
      from chosen
     where d.account_id = chosen.account_id and d.webhook_id = chosen.webhook_id and d.message_id = chosen.message_id
    returning d.account_id as "accountId", d.webhook_id as "webhookId", d.message_id as "messageId", d.kind, d.type, d.at,
              d.tries, d.tries_before as "triesBefore"`.execute(db);
  return rows;
}

const claimedBy = (trx: Pick<Trx, 'updateTable'>, claim: ClaimedDelivery) =>
  trx
    .updateTable('webhook_deliveries')
    .where('account_id', '=', claim.accountId)
    .where('webhook_id', '=', claim.webhookId)
    .where('message_id', '=', claim.messageId)
    .where('state', '=', 'waiting')
    .where('tries', '=', claim.tries);

/** Deliveries that were taken and not sent are due again at once, and no try is counted. */
export async function giveBackDelivery(
  db: Pick<Trx, 'updateTable'>,
  claim: ClaimedDelivery,
  now: Temporal.Instant,
): Promise<void> {
  await claimedBy(db, claim)
    .set({ tries: claim.tries - 1, next_try_at: now })
    .execute();
}

/** One try as it is kept. */
export interface TryRow {
  at: Temporal.Instant;
  milliseconds: number;
  status: number | null;
  answer: string;
  problem: string | null;
}

/** Writes what came of a try; without a next one, an unfinished delivery has failed. */
export async function saveTry(
  trx: Trx,
  claim: ClaimedDelivery,
  made: TryRow,
  next: { state: 'waiting' | 'delivered' | 'failed'; nextTryAt: Temporal.Instant | null },
): Promise<void> {
  await claimedBy(trx, claim)
    .set({ state: next.state, next_try_at: next.nextTryAt, status: made.status, problem: made.problem })
    .execute();
  await trx
    .insertInto('webhook_tries')
    .values({
      account_id: claim.accountId,
      webhook_id: claim.webhookId,
      message_id: claim.messageId,
      number: claim.tries,
      at: made.at,
      milliseconds: made.milliseconds,
      status: made.status,
      answer: made.answer,
      problem: made.problem,
    })
    // Somebody deleted the webhook meanwhile, or counted this try already.
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What can never be sent: the event is gone, or may not be seen any more. */
export async function endDelivery(trx: Trx, claim: ClaimedDelivery, problem: string): Promise<void> {
  await claimedBy(trx, claim).set({ state: 'failed', next_try_at: null, problem }).execute();
}

/** Lets deliveries go out again now, their pauses from the beginning. Returns how many. */
export async function replayDeliveries(
  trx: Trx,
  { accountId, webhookId }: Place,
  which: { messageId: string } | { failedSince: Temporal.Instant },
  now: Temporal.Instant,
): Promise<number> {
  const query = trx
    .updateTable('webhook_deliveries')
    .set((e) => ({ state: 'waiting', next_try_at: now, tries_before: e.ref('tries'), problem: null }))
    .where('account_id', '=', accountId)
    .where('webhook_id', '=', webhookId);
  const chosen =
    'messageId' in which
      ? query.where('message_id', '=', which.messageId)
      : query.where('state', '=', 'failed').where('at', '>=', which.failedSince);
  const { numUpdatedRows } = await chosen.executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Removes deliveries of more than 30 days ago with their tries, in batches. Returns how many. */
export async function purgeDeliveries(db: Database, now: Temporal.Instant): Promise<number> {
  const mostAtOnce = 5_000;
  for (let removed = 0; ; ) {
    const result = await sql`
      delete from webhook_deliveries where ctid = any(array(
        select ctid from webhook_deliveries where created_at < ${now.subtract({ hours: keptHours })}
         limit ${mostAtOnce} for update skip locked))`.execute(db);
    const count = Number(result.numAffectedRows ?? 0n);
    removed += count;
    if (count < mostAtOnce) return removed;
  }
}

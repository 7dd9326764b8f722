import type { GrantScope } from '@estover/domain/access';
import { sql } from 'kysely';
import type { Maker } from '../access/index.ts';
import type { Trx } from '../database/database.ts';

export type OffReason = 'by-hand' | 'failing' | 'gone' | 'rights';

/** A webhook as it is kept. */
export interface WebhookRow {
  accountId: string;
  webhookId: string;
  description: string;
  url: string;
  scope: GrantScope;
  operations: string[];
  objectKinds: string[];
  signing: 'hmac' | 'ed25519';
  secretSealed: string;
  publicKey: string | null;
  previousSecretSealed: string | null;
  previousUntil: Temporal.Instant | null;
  offReason: OffReason | null;
  offSince: Temporal.Instant | null;
  failingSince: Temporal.Instant | null;
  madeBy: string;
  maker: Maker;
  createdAt: Temporal.Instant;
  /** Deliveries exist of all events that were sealed up to this batch and are not before `sendsFrom`. */
  sentBatch: number;
  sendsFrom: Temporal.Instant;
}

const columns = sql`w.account_id as "accountId", w.webhook_id as "webhookId", w.description, w.url, w.scope, w.operations,
  w.object_kinds as "objectKinds", w.signing, w.secret_sealed as "secretSealed", w.public_key as "publicKey",
  w.previous_secret_sealed as "previousSecretSealed", w.previous_until as "previousUntil", w.off_reason as "offReason",
  w.off_since as "offSince", w.failing_since as "failingSince", w.made_by as "madeBy",
  jsonb_build_object('personId', w.made_by_person, 'apiKeyId', w.made_by_key) as maker, w.created_at as "createdAt",
  w.sent_batch as "sentBatch", w.sends_from as "sendsFrom"`;

/** The webhooks of an account, the newest first. */
export async function webhooksOf(trx: Trx, accountId: string): Promise<WebhookRow[]> {
  const { rows } = await sql<WebhookRow>`
    select ${columns} from webhooks w where w.account_id = ${accountId}
     order by w.created_at desc, w.webhook_id desc`.execute(trx);
  return rows;
}

/**
 * One webhook. `to-change` takes its row for the rest of the transaction; `if-free` as well, but finds nothing while somebody
 * else has it, for what another server may just as well do.
 */
export async function findWebhook(
  trx: Trx,
  accountId: string,
  webhookId: string,
  why: 'to-read' | 'to-change' | 'if-free',
): Promise<WebhookRow | undefined> {
  const lock = {
    'to-read': sql``,
    'to-change': sql`for no key update of w`,
    'if-free': sql`for no key update of w skip locked`,
  };
  const { rows } = await sql<WebhookRow>`
    select ${columns} from webhooks w
     where w.account_id = ${accountId} and w.webhook_id = ${webhookId} ${lock[why]}`.execute(trx);
  return rows[0];
}

export async function countWebhooks(trx: Trx, accountId: string): Promise<number> {
  const { count } = await trx
    .selectFrom('webhooks')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  return count;
}

/** What of a webhook changes after it was made; how far it has come is moved on by `queueSealedEvents` alone. */
const changing = (row: WebhookRow) => ({
  description: row.description,
  url: row.url,
  scope: JSON.stringify(row.scope),
  operations: row.operations,
  object_kinds: row.objectKinds,
  secret_sealed: row.secretSealed,
  public_key: row.publicKey,
  previous_secret_sealed: row.previousSecretSealed,
  previous_until: row.previousUntil,
  off_reason: row.offReason,
  off_since: row.offSince,
  failing_since: row.failingSince,
  made_by: row.madeBy,
  made_by_person: row.maker.personId,
  made_by_key: row.maker.apiKeyId,
  sends_from: row.sendsFrom,
});

export async function insertWebhook(trx: Trx, row: WebhookRow): Promise<void> {
  await trx
    .insertInto('webhooks')
    .values({
      account_id: row.accountId,
      webhook_id: row.webhookId,
      signing: row.signing,
      created_at: row.createdAt,
      sent_batch: row.sentBatch,
      ...changing(row),
    })
    .execute();
}

export async function saveWebhook(trx: Trx, row: WebhookRow): Promise<void> {
  await trx
    .updateTable('webhooks')
    .set(changing(row))
    .where('account_id', '=', row.accountId)
    .where('webhook_id', '=', row.webhookId)
    .execute();
}

/** Its deliveries and their tries go with it. */
export async function removeWebhook(trx: Trx, accountId: string, webhookId: string): Promise<void> {
  await trx
    .deleteFrom('webhooks')
    .where('account_id', '=', accountId)
    .where('webhook_id', '=', webhookId)
    .execute();
}

/** The last batch of an account's events that is sealed; 0 before there is one. */
export async function lastSealedBatch(trx: Trx, accountId: string): Promise<number> {
  const row = await trx
    .selectFrom('event_batches')
    .select((e) => e.fn.max('batch_number').as('last'))
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row?.last ?? 0;
}

/** Notes whether the last try failed, so that it is known since when all do. Writes nothing where that is known. */
export async function noteTry(
  trx: Trx,
  { accountId, webhookId }: Pick<WebhookRow, 'accountId' | 'webhookId'>,
  failedAt: Temporal.Instant | null,
): Promise<void> {
  await sql`
    update webhooks set failing_since = ${failedAt}
     where account_id = ${accountId} and webhook_id = ${webhookId}
       and (failing_since is null) <> ${failedAt === null}`.execute(trx);
}

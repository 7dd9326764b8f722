import type { webhook } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { requireAccountReach } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { notFound } from '../edge/refused.ts';
import { findWebhook, type WebhookRow } from './webhooks-store.ts';

export type WebhookAnswer = z.output<typeof webhook>;

/** For what secrets and private keys of webhooks are sealed. */
export const webhookPurpose = 'webhook';

/** A webhook of the account, for somebody who manages its settings. */
export async function requireWebhook(
  context: Context,
  { accountId, webhookId }: { accountId: string; webhookId: string },
  why: 'to-read' | 'to-change',
): Promise<WebhookRow> {
  requireAccountReach(context, 'manage-account-settings');
  const found = await findWebhook(context.trx, accountId, webhookId, why);
  if (found === undefined) throw notFound('webhook');
  return found;
}

const none = { waiting: 0, delivered: 0, failed: 0 };

/** How many deliveries of each webhook of an account there are in each state. */
export async function countDeliveries(trx: Trx, accountId: string): Promise<Map<string, typeof none>> {
  const { rows } = await sql<{ webhookId: string; counts: typeof none }>`
    select webhook_id as "webhookId", jsonb_build_object(
             'waiting', count(*) filter (where state = 'waiting'),
             'delivered', count(*) filter (where state = 'delivered'),
             'failed', count(*) filter (where state = 'failed')) as counts
      from webhook_deliveries where account_id = ${accountId} group by 1`.execute(trx);
  return new Map(rows.map(({ webhookId, counts }) => [webhookId, counts]));
}

export function answerOf(row: WebhookRow, now: Temporal.Instant, deliveries = none): WebhookAnswer {
  const { previousUntil } = row;
  const stillSigns = previousUntil !== null && Temporal.Instant.compare(previousUntil, now) > 0;
  return {
    webhookId: row.webhookId,
    description: row.description,
    url: row.url,
    scope: row.scope,
    events: { operations: row.operations, objectKinds: row.objectKinds },
    signing: row.signing,
    publicKey: row.publicKey,
    previousUntil: stillSigns ? previousUntil.toString() : null,
    state: row.offReason === null ? 'on' : 'off',
    offReason: row.offReason,
    offSince: row.offSince?.toString() ?? null,
    failingSince: row.failingSince?.toString() ?? null,
    madeBy: row.madeBy,
    createdAt: row.createdAt.toString(),
    deliveries,
  };
}

/** The answer of a command, with its deliveries counted. */
export async function countedAnswer({ trx, now }: Context, row: WebhookRow): Promise<WebhookAnswer> {
  return answerOf(row, now, (await countDeliveries(trx, row.accountId)).get(row.webhookId));
}

/** What an event tells of a webhook: of its address the host alone, because the rest may let somebody in there. */
export const factsOf = (row: WebhookRow) => ({
  description: row.description,
  host: new URL(row.url).host,
  scope: row.scope,
  operations: row.operations,
  objectKinds: row.objectKinds,
  signing: row.signing,
  state: row.offReason === null ? 'on' : 'off',
  madeBy: row.madeBy,
});

/** What all events about a webhook have in common. */
export const eventOfWebhook = (row: WebhookRow) => ({
  accountId: row.accountId,
  objectKind: 'webhook',
  objectId: row.webhookId,
});

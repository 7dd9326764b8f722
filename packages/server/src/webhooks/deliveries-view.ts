import {
  getWebhookDelivery,
  listWebhookDeliveries,
  listWebhooks,
  type webhookDelivery,
  type webhookTry,
} from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { requireAccountReach } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import { type Handler, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound } from '../edge/refused.ts';
import { bodyOf } from './seen-events.ts';
import { answerOf, countDeliveries, requireWebhook } from './webhook-answer.ts';
import { webhooksOf } from './webhooks-store.ts';

type DeliveryAnswer = z.output<typeof webhookDelivery>;
type TryAnswer = z.output<typeof webhookTry>;

interface Row extends Omit<DeliveryAnswer, 'at' | 'nextTryAt' | 'createdAt'> {
  at: Temporal.Instant;
  nextTryAt: Temporal.Instant | null;
  createdAt: Temporal.Instant;
}

const columns = sql`d.message_id as "messageId", d.kind, d.type, d.at, d.state, d.tries, d.next_try_at as "nextTryAt",
  d.status, d.problem, d.created_at as "createdAt"`;

const deliveryOf = (row: Row): DeliveryAnswer => ({
  ...row,
  at: row.at.toString(),
  nextTryAt: row.nextTryAt?.toString() ?? null,
  createdAt: row.createdAt.toString(),
});

interface DeliveryPlace {
  accountId: string;
  webhookId: string;
  messageId: string;
}

async function findDelivery({ trx }: Pick<Context, 'trx'>, place: DeliveryPlace): Promise<Row> {
  const { rows } = await sql<Row>`
    select ${columns} from webhook_deliveries d
     where d.account_id = ${place.accountId} and d.webhook_id = ${place.webhookId}
       and d.message_id = ${place.messageId}`.execute(trx);
  if (rows[0] === undefined) throw notFound('delivery');
  return rows[0];
}

/** One delivery of a webhook that the caller may see. */
export const requireDelivery = async (
  context: Pick<Context, 'trx'>,
  place: DeliveryPlace,
): Promise<DeliveryAnswer> => deliveryOf(await findDelivery(context, place));

const list = 'webhook-deliveries';

export const webhookViews: readonly Handler[] = [
  view(listWebhooks, async (context, { params: { accountId } }) => {
    requireAccountReach(context, 'manage-account-settings');
    const { trx, now } = context;
    const counts = await countDeliveries(trx, accountId);
    const rows = await webhooksOf(trx, accountId);
    return { items: rows.map((row) => answerOf(row, now, counts.get(row.webhookId))) };
  }),

  view(listWebhookDeliveries, async (context, { params, query }) => {
    await requireWebhook(context, params, 'to-read');
    const after = decodeCursor(list, query.cursor, 2);
    const { rows } = await sql<Row>`
      select ${columns} from webhook_deliveries d
       where d.account_id = ${params.accountId} and d.webhook_id = ${params.webhookId}
         and (${query.state ?? null}::text is null or d.state = ${query.state ?? null})
         and ${after === null ? sql`true` : sql`(d.created_at, d.message_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`}
       order by d.created_at desc, d.message_id desc
       limit ${query.limit + 1}`.execute(context.trx);
    return pageFrom(list, rows, query.limit, deliveryOf, (row) => [row.createdAt.toString(), row.messageId]);
  }),

  view(getWebhookDelivery, async (context, { params }) => {
    const webhook = await requireWebhook(context, params, 'to-read');
    const row = await findDelivery(context, params);
    const { rows } = await sql<Omit<TryAnswer, 'at'> & { at: Temporal.Instant }>`
      select number, at, milliseconds, status, answer, problem from webhook_tries
       where account_id = ${params.accountId} and webhook_id = ${params.webhookId} and message_id = ${params.messageId}
       order by number desc`.execute(context.trx);
    return {
      delivery: deliveryOf(row),
      body: (await bodyOf(context.trx, webhook, row)) ?? '',
      tries: rows.map((made) => ({ ...made, at: made.at.toString() })),
    };
  }),
];

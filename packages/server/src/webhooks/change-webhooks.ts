import {
  deleteWebhook,
  replayFailedDeliveries,
  replayWebhookDelivery,
  rotateWebhookSecret,
  testWebhook,
} from '@estover/protocol';
import { requireRecentProof } from '../access/index.ts';
import { settleAlerts } from '../alerts/index.ts';
import type { Context } from '../edge/context.ts';
import { command, type Handler } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { insertTest, replayDeliveries } from './deliveries-store.ts';
import { requireDelivery } from './deliveries-view.ts';
import { testType } from './message.ts';
import { newSigningSecret } from './signing.ts';
import { countedAnswer, eventOfWebhook, factsOf, requireWebhook, webhookPurpose } from './webhook-answer.ts';
import { removeWebhook, saveWebhook, type WebhookRow } from './webhooks-store.ts';

/** A webhook that something may be sent to. */
async function requireOn(
  context: Context,
  params: { accountId: string; webhookId: string },
): Promise<WebhookRow> {
  const row = await requireWebhook(context, params, 'to-read');
  if (row.offReason === null) return row;
  throw new Refused('webhook-off', `${row.description} is off since ${row.offSince}.`);
}

export const changeWebhookHandlers: readonly Handler[] = [
  command(rotateWebhookSecret, async (context, { params, body }) => {
    const { trx, now, installation } = context;
    const before = await requireWebhook(context, params, 'to-change');
    requireRecentProof(context);
    const { secret, publicKey } = newSigningSecret(before.signing);
    const overlaps = body.overlapHours > 0;
    const previousUntil = now.add({ hours: body.overlapHours });
    const after: WebhookRow = {
      ...before,
      secretSealed: installation.seal(webhookPurpose, secret),
      publicKey,
      previousSecretSealed: overlaps ? before.secretSealed : null,
      previousUntil: overlaps ? previousUntil : null,
    };
    await saveWebhook(trx, after);
    const overlap = overlaps ? `the one before signs as well until ${previousUntil}` : 'the one before ended';
    return {
      answer: {
        webhook: await countedAnswer(context, after),
        secret: before.signing === 'hmac' ? secret : null,
      },
      event: {
        ...eventOfWebhook(after),
        message: `gave the webhook ${after.description} a new ${before.signing === 'hmac' ? 'secret' : 'key'}; ${overlap}`,
        after: { publicKey, previousUntil: after.previousUntil?.toString() ?? null },
      },
    };
  }),

  command(deleteWebhook, async (context, { params }) => {
    const row = await requireWebhook(context, params, 'to-change');
    const { accountId, webhookId } = row;
    await removeWebhook(context.trx, accountId, webhookId);
    await settleAlerts(context, [{ accountId, kind: 'webhook-off', cause: webhookId }]);
    return {
      answer: { webhookId },
      event: {
        ...eventOfWebhook(row),
        message: `deleted the webhook ${row.description}`,
        before: factsOf(row),
      },
    };
  }),

  command(testWebhook, async (context, { params }) => {
    const { trx, now, newId, webhooks, afterCommit } = context;
    const row = await requireOn(context, params);
    const messageId = newId();
    await insertTest(trx, { ...params, messageId, type: testType, now });
    afterCommit(() => webhooks.wake());
    return {
      answer: { delivery: await requireDelivery(context, { ...params, messageId }) },
      event: {
        ...eventOfWebhook(row),
        message: `sent a test to the webhook ${row.description}`,
        after: { messageId },
      },
    };
  }),

  command(replayWebhookDelivery, async (context, { params }) => {
    const { trx, now, webhooks, afterCommit } = context;
    const row = await requireOn(context, params);
    const replayed = await replayDeliveries(trx, params, { messageId: params.messageId }, now);
    if (replayed === 0) throw notFound('delivery');
    afterCommit(() => webhooks.wake());
    return {
      answer: { delivery: await requireDelivery(context, params) },
      event: {
        ...eventOfWebhook(row),
        message: `sent a delivery of the webhook ${row.description} again`,
        after: { messageId: params.messageId },
      },
    };
  }),

  command(replayFailedDeliveries, async (context, { params, body }) => {
    const { trx, now, webhooks, afterCommit } = context;
    const row = await requireOn(context, params);
    const failedSince = Temporal.Instant.from(body.since);
    const replayed = await replayDeliveries(trx, params, { failedSince }, now);
    if (replayed === 0)
      throw new Refused('nothing-to-do', `Nothing that happened since ${body.since} has failed.`);
    afterCommit(() => webhooks.wake());
    return {
      answer: { replayed },
      event: {
        ...eventOfWebhook(row),
        message: `sent ${replayed} failed ${replayed === 1 ? 'delivery' : 'deliveries'} of the webhook ${row.description} again`,
        after: { since: body.since, replayed },
      },
    };
  }),
];

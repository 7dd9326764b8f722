import { raiseAlerts } from '../alerts/index.ts';
import { recordEvents } from '../audit/index.ts';
import { systemActor } from '../edge/context.ts';
import type { QueueContext } from '../notifications/index.ts';
import { eventOfWebhook } from './webhook-answer.ts';
import { type OffReason, saveWebhook, type WebhookRow } from './webhooks-store.ts';

const because: Record<Exclude<OffReason, 'by-hand'>, string> = {
  failing: 'everything that was sent to it has failed for five days',
  gone: 'the receiver answered that it is gone (410)',
  rights: 'who answers for it may not manage the account’s settings any more',
};

/** Switches a webhook off by itself, with an alert that everybody hears of who manages the account’s settings. Its row is held. */
export async function switchOff(
  context: Pick<QueueContext, 'trx' | 'now' | 'newId'>,
  webhook: WebhookRow,
  reason: Exclude<OffReason, 'by-hand'>,
): Promise<void> {
  const { trx, now, newId } = context;
  const { accountId, webhookId, description } = webhook;
  await saveWebhook(trx, { ...webhook, offReason: reason, offSince: now });
  await raiseAlerts(context, [
    {
      accountId,
      kind: 'webhook-off',
      severity: 'minor',
      cause: webhookId,
      virtualAccountId: null,
      licenseId: null,
      instanceId: null,
      lotId: null,
      quantity: null,
      facts: { description, because: because[reason] },
      actionDueAt: null,
    },
  ]);
  await recordEvents(trx, [
    {
      ...eventOfWebhook(webhook),
      eventId: newId(),
      at: now,
      actor: systemActor,
      operation: 'switchOffWebhook',
      message: `switched off the webhook ${description}: ${because[reason]}`,
      before: { state: 'on' },
      after: { state: 'off', reason },
      from: null,
      requestId: null,
    },
  ]);
}

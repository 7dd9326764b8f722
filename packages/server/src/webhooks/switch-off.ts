import { administratorAddresses } from '../access/index.ts';
import { raiseAlerts } from '../alerts/index.ts';
import { recordEvents } from '../audit/index.ts';
import { systemActor } from '../edge/context.ts';
import { type QueueContext, queueMail } from '../notifications/index.ts';
import { eventOfWebhook } from './webhook-answer.ts';
import { type OffReason, saveWebhook, type WebhookRow } from './webhooks-store.ts';

const because: Record<Exclude<OffReason, 'by-hand'>, string> = {
  failing: 'everything that was sent to it has failed for five days',
  gone: 'the receiver answered that it is gone (410)',
  rights: 'who answers for it may not manage the account’s settings any more',
};

/** Switches a webhook off by itself, with an alert and a mail to everybody who administers the account. Its row is held. */
export async function switchOff(
  context: QueueContext,
  webhook: WebhookRow,
  reason: Exclude<OffReason, 'by-hand'>,
): Promise<void> {
  const { trx, now, newId, installation } = context;
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
  const { name } = await trx
    .selectFrom('accounts')
    .select('name')
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  for (const to of await administratorAddresses(trx, accountId, now)) {
    const link = `${installation.publicUrl}/accounts/${accountId}/settings/webhooks?open=${webhookId}`;
    const content = {
      kind: 'webhook-off',
      description,
      because: because[reason],
      accountName: name,
      link,
    } as const;
    await queueMail(context, { to, accountId, content });
  }
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

import type { Grant } from '@estover/domain/access';
import { reachOf } from '@estover/domain/access';
import { grantsOfMaker } from '../access/index.ts';
import { eventSeenBy } from '../audit/index.ts';
import type { Trx } from '../database/database.ts';
import { eventMessage, testMessage } from './message.ts';
import type { WebhookRow } from './webhooks-store.ts';

/**
 * What a webhook may see, as grants: the events of its scope and no others, of those that whoever answers for it sees there. It
 * works only while that person administers the whole account (`maySend`), so it is told what an administrator is told. What
 * happens between one virtual account in its scope and another outside is told as to somebody who sees one of the two.
 */
export const grantsOfWebhook = ({ webhookId, scope }: WebhookRow): Grant[] => [
  {
    grantId: webhookId,
    role: scope.kind === 'account' ? 'account-administrator' : 'virtual-account-administrator',
    scope,
  },
];

/**
 * Whether who answers for a webhook may still make one like it (decision 0006, carried on). Asked before anything is sent, so
 * that it ends with the right, however that was lost: taken back, expired, or gone with a group.
 */
export async function maySend(
  trx: Trx,
  { accountId, maker }: WebhookRow,
  now: Temporal.Instant,
): Promise<boolean> {
  const grants = await grantsOfMaker(trx, accountId, maker, now);
  return reachOf(grants, 'manage-account-settings').kind === 'everything';
}

/** The body of a delivery; null where the event is not there or not to be seen. */
export async function bodyOf(
  trx: Trx,
  webhook: WebhookRow,
  { kind, messageId, at }: { kind: 'event' | 'test'; messageId: string; at: Temporal.Instant },
): Promise<string | null> {
  if (kind === 'test') return testMessage({ webhookId: webhook.webhookId, at });
  const reader = { trx, grants: grantsOfWebhook(webhook) };
  const event = await eventSeenBy(reader, webhook.accountId, { eventId: messageId, at });
  return event === undefined ? null : eventMessage(event);
}

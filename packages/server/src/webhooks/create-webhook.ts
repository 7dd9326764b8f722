import { judgeWebhookUrl, maximumWebhooks } from '@estover/domain/webhooks';
import { createWebhook } from '@estover/protocol';
import { checkedScope, makerOf, requireRecentProof } from '../access/index.ts';
import { lockAccount, requireAccountReach } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { reasonAgainstAddress } from '../outbound/index.ts';
import { newSigningSecret } from './signing.ts';
import { answerOf, eventOfWebhook, factsOf, webhookPurpose } from './webhook-answer.ts';
import { countWebhooks, insertWebhook, lastSealedBatch, type WebhookRow } from './webhooks-store.ts';

/**
 * The address of a webhook in its one form. What its host resolves to is judged with each delivery; one that is written as
 * a number is judged here already.
 *
 * @throws Refused `webhook-url`
 */
export function checkedUrl(
  { installation: { outboundAllow } }: Pick<Context, 'installation'>,
  url: string,
): string {
  const judged = judgeWebhookUrl(url, { mayBePlain: outboundAllow.length > 0 });
  const detail = judged.ok ? reasonAgainstAddress(judged.value, outboundAllow) : judged.detail;
  if (!judged.ok || detail !== null) {
    const said = detail ?? '';
    throw new Refused('webhook-url', said, { errors: [{ pointer: 'body/url', detail: said }] });
  }
  return judged.value;
}

export const createWebhookHandler = command(createWebhook, async (context, { params, body }) => {
  const { accountId } = params;
  const { trx, now, newId, actor, installation } = context;
  requireAccountReach(context, 'manage-account-settings');
  // Taken, so that two at once do not both become the twentieth.
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const url = checkedUrl(context, body.url);
  const scope = await checkedScope(context, accountId, 'viewer', body.scope);
  requireRecentProof(context);
  const count = await countWebhooks(trx, accountId);
  if (count >= maximumWebhooks) throw new Refused('webhook-limit', `There are ${count} already.`);
  const { secret, publicKey } = newSigningSecret(body.signing);
  const row: WebhookRow = {
    accountId,
    webhookId: newId(),
    description: body.description,
    url,
    scope,
    operations: body.events.operations,
    objectKinds: body.events.objectKinds,
    signing: body.signing,
    secretSealed: installation.seal(webhookPurpose, secret),
    publicKey,
    previousSecretSealed: null,
    previousUntil: null,
    offReason: null,
    offSince: null,
    failingSince: null,
    madeBy: actor.name,
    maker: await makerOf(context),
    createdAt: now,
    sentBatch: await lastSealedBatch(trx, accountId),
    sendsFrom: now,
  };
  await insertWebhook(trx, row);
  return {
    answer: { webhook: answerOf(row, now), secret: body.signing === 'hmac' ? secret : null },
    event: {
      ...eventOfWebhook(row),
      message: `made the webhook ${row.description}, to ${new URL(url).host}`,
      after: factsOf(row),
    },
  };
});

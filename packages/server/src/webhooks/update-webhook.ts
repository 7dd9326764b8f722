import { isOtherHost } from '@estover/domain/webhooks';
import { updateWebhook } from '@estover/protocol';
import { checkedScope, makerOf, requireRecentProof } from '../access/index.ts';
import { settleAlerts } from '../alerts/index.ts';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { checkedUrl } from './create-webhook.ts';
import { newSigningSecret } from './signing.ts';
import { countedAnswer, eventOfWebhook, factsOf, requireWebhook, webhookPurpose } from './webhook-answer.ts';
import { saveWebhook, type WebhookRow } from './webhooks-store.ts';

export const updateWebhookHandler = command(updateWebhook, async (context, { params, body }) => {
  const { trx, now, actor, installation, webhooks, afterCommit } = context;
  const before = await requireWebhook(context, params, 'to-change');
  const url = body.url === undefined ? before.url : checkedUrl(context, body.url);
  const scope =
    body.scope === undefined
      ? before.scope
      : await checkedScope(context, params.accountId, 'viewer', body.scope);
  const isOff = before.offReason !== null;
  const changes = {
    description: body.description !== undefined && body.description !== before.description,
    address: url !== before.url,
    scope: JSON.stringify(scope) !== JSON.stringify(before.scope),
    events:
      body.events !== undefined &&
      JSON.stringify(body.events) !==
        JSON.stringify({ operations: before.operations, objectKinds: before.objectKinds }),
    on: body.state === 'on' && isOff,
    off: body.state === 'off' && !isOff,
  };
  if (!Object.values(changes).some((changed) => changed))
    throw new Refused('nothing-to-do', 'The webhook is like this already.');
  const after: WebhookRow = {
    ...before,
    description: body.description ?? before.description,
    url,
    scope,
    operations: body.events?.operations ?? before.operations,
    objectKinds: body.events?.objectKinds ?? before.objectKinds,
  };
  // Where events go, from which virtual accounts, and that they go at all, is what lets data out of the account. Kinds of
  // events only choose among what its maker has let out with that.
  if (changes.address || changes.scope || changes.on) {
    requireRecentProof(context);
    after.maker = await makerOf(context);
    after.madeBy = actor.name;
  }
  const secret = isOtherHost(before.url, url) ? secretForOtherHost(before, body.newSecret) : null;
  if (secret !== null) {
    after.secretSealed = installation.seal(webhookPurpose, secret);
    after.previousSecretSealed = null;
    after.previousUntil = null;
  }
  if (changes.on) {
    after.offReason = null;
    after.offSince = null;
    after.failingSince = null;
    if (body.missed === 'skip') after.sendsFrom = now;
    const { accountId, webhookId } = before;
    await settleAlerts(context, [{ accountId, kind: 'webhook-off', cause: webhookId }]);
    afterCommit(() => webhooks.wake());
  }
  if (changes.off) {
    after.offReason = 'by-hand';
    after.offSince = now;
  }
  await saveWebhook(trx, after);
  const words = [
    changes.on && 'switched on',
    changes.off && 'switched off',
    changes.address && 'changed the address of',
    (changes.description || changes.scope || changes.events) && 'changed',
  ].filter((word) => word !== false);
  return {
    answer: { webhook: await countedAnswer(context, after), secret },
    event: {
      ...eventOfWebhook(after),
      message: `${words.join(' and ')} the webhook ${after.description}`,
      before: factsOf(before),
      after: factsOf(after),
    },
  };
});

/** A key signs for any host, because nobody else has it; a secret is known at the host before. */
function secretForOtherHost({ signing }: WebhookRow, newSecret: boolean): string | null {
  if (signing === 'ed25519') return null;
  if (!newSecret) {
    throw new Refused(
      'webhook-host-changed',
      'The server at the old address knows the secret, and could sign with it for the new one.',
    );
  }
  return newSigningSecret('hmac').secret;
}

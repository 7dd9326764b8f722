import { defineTagKey } from '@estover/domain/accounts';
import { createTagKey } from '@estover/protocol';
import { refuseForLimitedUse } from '../access/index.ts';
import { lockAccount, requireAccountReach } from '../access/scope.ts';
import { command } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { refusedTag } from './refused-tag.ts';
import { insertTagKey, loadTagKeys } from './tags-store.ts';
import { tagKeyAnswer } from './tags-view.ts';

export const createTagKeyHandler = command(createTagKey, async (context, { params, body }) => {
  const { accountId } = params;
  const { trx, newId, now } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  requireAccountReach(context, 'manage-account-settings');
  await refuseForLimitedUse(context, accountId, 'tags');
  const decision = defineTagKey(
    {
      tagKeyId: newId(),
      name: body.name.normalize('NFC'),
      values: body.values.map((name) => ({ tagValueId: newId(), name: name.normalize('NFC') })),
    },
    await loadTagKeys(trx, accountId),
  );
  if (!decision.ok) throw refusedTag(decision);
  const made = decision.value;
  await insertTagKey(trx, accountId, made, now);
  return {
    answer: { tagKey: await tagKeyAnswer(context, accountId, made.tagKeyId) },
    event: {
      accountId,
      objectKind: 'tag-key',
      objectId: made.tagKeyId,
      message: `defined the tag ${made.name} with the values ${made.values.map(({ name }) => name).join(', ')}`,
      after: made,
    },
  };
});

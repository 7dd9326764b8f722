import { carryTags, type TagKey } from '@estover/domain/accounts';
import { tagVirtualAccount } from '@estover/protocol';
import { lockAccount, requireVirtualAccount } from '../access/scope.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import { command } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { virtualAccountAnswer } from './places.ts';
import { refusedTag } from './refused-tag.ts';
import { loadTagKeys, saveTags } from './tags-store.ts';

export const tagVirtualAccountHandler = command(tagVirtualAccount, async (context, { params, body }) => {
  const { accountId, virtualAccountId } = params;
  const { trx } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const place = await requireVirtualAccount(context, accountId, virtualAccountId, 'manage-virtual-account');
  const keys = await loadTagKeys(trx, accountId);
  const { tags: before } = await virtualAccountAnswer(context, accountId, virtualAccountId);
  const decision = carryTags(before, keys, body.tags);
  if (!decision.ok) throw refusedTag(decision);
  await saveTags(trx, accountId, virtualAccountId, decision.value);

  const changed = decision.value.map(({ tagKeyId, tagValueId }) => {
    const key = keys.find((one) => one.tagKeyId === tagKeyId) as TagKey;
    return {
      key: key.name,
      before: before.find((tag) => tag.tagKeyId === tagKeyId)?.value ?? null,
      after: key.values.find((value) => value.tagValueId === tagValueId)?.name ?? null,
    };
  });
  const words = changed.map(({ key, after }) =>
    after === null ? `cleared ${key}` : `set ${key} to ${after}`,
  );
  return {
    answer: { virtualAccount: await virtualAccountAnswer(context, accountId, virtualAccountId) },
    event: {
      accountId,
      objectKind: 'virtual-account',
      objectId: virtualAccountId,
      virtualAccountId,
      message: `${words.join(', ')} of ${placeInWords(place)}`,
      before: Object.fromEntries(changed.map((tag) => [tag.key, tag.before])),
      after: Object.fromEntries(changed.map((tag) => [tag.key, tag.after])),
    },
  };
});

import { changeTagKey, confirmTagRemoval, type TagKey } from '@estover/domain/accounts';
import { updateTagKey } from '@estover/protocol';
import { lockAccount, requireAccountReach } from '../access/scope.ts';
import { command } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { refusedTag } from './refused-tag.ts';
import { carriersOf, loadTagKeys, saveTagKey } from './tags-store.ts';
import { tagKeyAnswer } from './tags-view.ts';

export const updateTagKeyHandler = command(updateTagKey, async (context, { params, body }) => {
  const { accountId, tagKeyId } = params;
  const { trx, newId, dryRun } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  requireAccountReach(context, 'manage-account-settings');
  const keys = await loadTagKeys(trx, accountId);
  const before = keys.find((key) => key.tagKeyId === tagKeyId);
  if (before === undefined) throw notFound('tag key');
  const decision = changeTagKey(
    before,
    keys.filter((key) => key !== before),
    {
      name: body.name?.normalize('NFC'),
      add: body.add.map((name) => ({ tagValueId: newId(), name: name.normalize('NFC') })),
      rename: body.rename.map(({ tagValueId, name }) => ({ tagValueId, name: name.normalize('NFC') })),
      remove: body.remove,
    },
  );
  if (!decision.ok) throw refusedTag(decision);
  const after = decision.value;
  const carriers = await carriersOf(trx, accountId, tagKeyId, body.remove);
  // A dry run is how a caller learns what to confirm.
  const confirmed = confirmTagRemoval(
    carriers.count,
    dryRun ? carriers.count : body.confirmedVirtualAccounts,
  );
  if (!confirmed.ok) throw refusedTag(confirmed);
  await saveTagKey(trx, accountId, before, after);
  return {
    answer: {
      tagKey: await tagKeyAnswer(context, accountId, tagKeyId),
      removedFrom: carriers.count,
    },
    event: {
      accountId,
      objectKind: 'tag-key',
      objectId: tagKeyId,
      message: `changed the tag ${before.name}: ${changesInWords(before, after, carriers.count).join('; ')}`,
      before: { ...before, removedFrom: carriers.named, removedFromCount: carriers.count },
      after,
    },
  };
});

function changesInWords(before: TagKey, after: TagKey, removedFrom: number): string[] {
  const was = new Map(before.values.map(({ tagValueId, name }) => [tagValueId, name]));
  const kept = new Set(after.values.map(({ tagValueId }) => tagValueId));
  const removed = before.values.filter(({ tagValueId }) => !kept.has(tagValueId)).map(({ name }) => name);
  const renamed = after.values.flatMap(({ tagValueId, name }) => {
    const old = was.get(tagValueId);
    return old === undefined || old === name ? [] : [`${old} to ${name}`];
  });
  const added = after.values.filter(({ tagValueId }) => !was.has(tagValueId)).map(({ name }) => name);
  const from =
    removedFrom === 0 ? '' : `, also from ${removedFrom} virtual account${removedFrom === 1 ? '' : 's'}`;
  return [
    ...(before.name === after.name ? [] : [`renamed it ${after.name}`]),
    ...(removed.length === 0 ? [] : [`removed ${removed.join(', ')}${from}`]),
    ...(renamed.length === 0 ? [] : [`renamed ${renamed.join(', ')}`]),
    ...(added.length === 0 ? [] : [`added ${added.join(', ')}`]),
  ];
}

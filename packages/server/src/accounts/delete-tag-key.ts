import { confirmTagRemoval } from '@estover/domain/accounts';
import { deleteTagKey } from '@estover/protocol';
import { lockAccount, requireAccountReach } from '../access/scope.ts';
import { command } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { refusedTag } from './refused-tag.ts';
import { carriersOf, loadTagKeys, removeTagKey } from './tags-store.ts';

export const deleteTagKeyHandler = command(deleteTagKey, async (context, { params, query }) => {
  const { accountId, tagKeyId } = params;
  const { trx, dryRun } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  requireAccountReach(context, 'manage-account-settings');
  const doomed = (await loadTagKeys(trx, accountId)).find((key) => key.tagKeyId === tagKeyId);
  if (doomed === undefined) throw notFound('tag key');
  const carriers = await carriersOf(
    trx,
    accountId,
    tagKeyId,
    doomed.values.map(({ tagValueId }) => tagValueId),
  );
  // A dry run is how a caller learns what to confirm.
  const confirmed = confirmTagRemoval(
    carriers.count,
    dryRun ? carriers.count : query.confirmedVirtualAccounts,
  );
  if (!confirmed.ok) throw refusedTag(confirmed);
  await removeTagKey(trx, accountId, doomed);
  const from =
    carriers.count === 0
      ? ''
      : `, also from ${carriers.count} virtual account${carriers.count === 1 ? '' : 's'}`;
  return {
    answer: { tagKeyId, removedFrom: carriers.count },
    event: {
      accountId,
      objectKind: 'tag-key',
      objectId: tagKeyId,
      message: `deleted the tag ${doomed.name}${from}`,
      before: { ...doomed, removedFrom: carriers.named, removedFromCount: carriers.count },
    },
  };
});

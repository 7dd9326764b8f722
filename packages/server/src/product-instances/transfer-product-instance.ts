import type { AnswerOf, transferProductInstance } from '@estover/protocol';
import { requireVirtualAccount } from '../access/scope.ts';
import { requireAgreements } from '../agreements/index.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import type { Input } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { poolEffectsOf } from '../licenses/index.ts';
import { lockMovable } from './lock-movable.ts';
import { moveUse } from './move-use.ts';
import { readProductInstance } from './product-instances-view.ts';

/** Moves a product instance, with what it uses, to another virtual account; the caller may move inventory in both. */
export async function transferProductInstanceCommand(
  context: Context,
  { params: { accountId, instanceId }, body: { toVirtualAccountId } }: Input<typeof transferProductInstance>,
): Promise<{ answer: AnswerOf<typeof transferProductInstance>; event: EventFacts }> {
  await requireAgreements(context, accountId, 'transfers');
  // The destination is held first, so that it is not deleted while the instance moves in.
  const to = await requireVirtualAccount(context, accountId, toVirtualAccountId, 'move-inventory', {
    orUnknown: () => {
      const detail = `There is no virtual account ${toVirtualAccountId} here that you may see.`;
      const errors = [{ pointer: 'body/toVirtualAccountId', detail }];
      return new Refused('unknown-virtual-account', detail, { errors });
    },
  });
  const { row, path, licenseIds } = await lockMovable(context, accountId, instanceId);
  if (row.virtualAccountId === toVirtualAccountId) {
    throw new Refused('same-virtual-account', `${row.displayName} is in ${path.join(' / ')} already.`);
  }
  const before = await readProductInstance(context.trx, accountId, instanceId);
  const { effects } = await poolEffectsOf(
    context,
    accountId,
    [row.virtualAccountId, toVirtualAccountId].flatMap((virtualAccountId) =>
      licenseIds.map((licenseId) => ({ virtualAccountId, licenseId })),
    ),
    () => moveUse(context, accountId, [instanceId], toVirtualAccountId),
  );
  const productInstance = await readProductInstance(context.trx, accountId, instanceId);
  if (productInstance === undefined) throw notFound('product instance');
  return {
    answer: { productInstance, effects },
    event: {
      accountId,
      objectKind: 'product-instance',
      objectId: instanceId,
      virtualAccountId: toVirtualAccountId,
      otherVirtualAccountId: row.virtualAccountId,
      message: `moved the product instance ${row.displayName} from ${placeInWords({ virtualAccountId: row.virtualAccountId, path })} to ${placeInWords(to)}`,
      before,
      after: productInstance,
    },
  };
}

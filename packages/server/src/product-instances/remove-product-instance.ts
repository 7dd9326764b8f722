import type { AnswerOf, removeProductInstance } from '@estover/protocol';
import type { Context, EventFacts } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import type { Input } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { poolEffectsOf } from '../licenses/index.ts';
import { endInstances } from './end-instances.ts';
import { lockMovable } from './lock-movable.ts';
import { readProductInstance } from './product-instances-view.ts';

/** Removes a product instance: what it used is free at once; it learns of it at its next contact. */
export async function removeProductInstanceCommand(
  context: Context,
  { params: { accountId, instanceId } }: Input<typeof removeProductInstance>,
): Promise<{ answer: AnswerOf<typeof removeProductInstance>; event: EventFacts }> {
  const { row, path, licenseIds } = await lockMovable(context, accountId, instanceId);
  const before = await readProductInstance(context.trx, accountId, instanceId);
  const { virtualAccountId } = row;
  const { effects } = await poolEffectsOf(
    context,
    accountId,
    licenseIds.map((licenseId) => ({ virtualAccountId, licenseId })),
    () => endInstances(context, [row], 'removed'),
  );
  const productInstance = await readProductInstance(context.trx, accountId, instanceId);
  if (productInstance === undefined) throw notFound('product instance');
  return {
    answer: { productInstance, effects },
    event: {
      accountId,
      objectKind: 'product-instance',
      objectId: instanceId,
      virtualAccountId,
      message: `removed the product instance ${row.displayName} from ${placeInWords({ virtualAccountId, path })}`,
      before,
      after: productInstance,
    },
  };
}

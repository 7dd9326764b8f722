import { isLiving } from '@estover/domain/product-instances';
import { requireVirtualAccount } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { type InstanceRow, lockInstances, readInstances } from './instances-store.ts';
import { loadUsage } from './usage-store.ts';

/**
 * Locks a living instance that the caller may move or remove, and reads which licenses it uses. Unknown and unseen are
 * the same 404; seen but not allowed is 403; one that left already is refused by name.
 */
export async function lockMovable(
  context: Context,
  accountId: string,
  instanceId: string,
): Promise<{ row: InstanceRow; path: string[]; licenseIds: string[] }> {
  const key = { accountId, instanceId };
  const orUnknown = () => notFound('product instance');
  const seen = (await readInstances(context.trx, [key])).get(instanceId);
  if (seen === undefined) throw orUnknown();
  const placeOf = ({ virtualAccountId }: InstanceRow) =>
    requireVirtualAccount(context, accountId, virtualAccountId, 'move-inventory', { orUnknown });
  // The virtual account is held before the instance, as everywhere; and again if the instance was moved meanwhile.
  const place = await placeOf(seen);
  const row = (await lockInstances(context.trx, [key])).get(instanceId) ?? seen;
  const path = row.virtualAccountId === seen.virtualAccountId ? place.path : (await placeOf(row)).path;
  if (!isLiving(row.state)) {
    throw new Refused('instance-not-registered', `${row.displayName} is ${row.state} already.`, {
      state: row.state,
    });
  }
  const usage = await loadUsage(context.trx, [key]);
  const licenseIds = usage.flatMap(({ licenseId, count }) =>
    licenseId === null || count === 0 ? [] : [licenseId],
  );
  return { row, path, licenseIds };
}

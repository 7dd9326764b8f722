import { type Ledger, poolText } from './ledger.ts';
import { changePools, type PoolState } from './pools-store.ts';
import { insertUsageChanges, type UseChange } from './usage-store.ts';

/**
 * Records changes of use, of many instances and accounts at once: the history, what is in use in each pool, and all
 * that follows from it (substitution, compliance, alerts). The counts of the instances themselves are kept by the
 * product instances. An instance that moves is a change to 0 in one pool and from 0 in another.
 *
 * @returns how the pools that were looked at stand afterwards, by `account/virtual account/license`
 */
export async function recordUse(
  ledger: Ledger,
  changes: readonly UseChange[],
): Promise<ReadonlyMap<string, PoolState>> {
  const real = changes.filter(({ from, to }) => from !== to);
  if (real.length === 0) return new Map();
  await insertUsageChanges(ledger, real);
  const changed = await changePools(
    ledger,
    real.map(({ accountId, virtualAccountId, licenseId, from, to }) => ({
      accountId,
      virtualAccountId,
      licenseId,
      inUse: to - from,
    })),
  );
  return new Map(changed.map(({ after }) => [poolText(after), after.state]));
}

import type { Ledger } from './ledger.ts';
import { changePools } from './pools-store.ts';
import { insertUsageChanges, type UseChange } from './usage-store.ts';

/**
 * Records changes of use, of many instances and accounts at once: the history, what is in use in each pool, and all
 * that follows from it (substitution, compliance, alerts). The counts of the instances themselves are kept by the
 * product instances. An instance that moves is a change to 0 in one pool and from 0 in another.
 */
export async function recordUse(ledger: Ledger, changes: readonly UseChange[]): Promise<void> {
  const real = changes.filter(({ from, to }) => from !== to);
  if (real.length === 0) return;
  await insertUsageChanges(ledger, real);
  await changePools(
    ledger,
    real.map(({ accountId, virtualAccountId, licenseId, from, to }) => ({
      accountId,
      virtualAccountId,
      licenseId,
      inUse: to - from,
    })),
  );
}

import { type Ledger, recordUse } from '../licenses/index.ts';
import { setVirtualAccount } from './instances-store.ts';

import { loadUsage } from './usage-store.ts';

/** Moves locked instances, and what they use, into another virtual account: a change of use in both. */
export async function moveUse(
  ledger: Ledger,
  accountId: string,
  instanceIds: readonly string[],
  toVirtualAccountId: string,
): Promise<void> {
  const usage = await loadUsage(
    ledger.trx,
    instanceIds.map((instanceId) => ({ accountId, instanceId })),
  );
  await setVirtualAccount(ledger.trx, accountId, instanceIds, toVirtualAccountId);
  await recordUse(
    ledger,
    usage.flatMap(({ licenseId, instanceId, virtualAccountId, count }) => {
      if (licenseId === null || count === 0 || virtualAccountId === toVirtualAccountId) return [];
      const change = { accountId, instanceId, licenseId, reason: 'transferred' as const };
      return [
        { ...change, virtualAccountId, from: count, to: 0 },
        { ...change, virtualAccountId: toVirtualAccountId, from: 0, to: count },
      ];
    }),
  );
}

import type { EndedState } from '@estover/domain/product-instances';
import { settleAlerts } from '../alerts/index.ts';
import { type Ledger, recordUse, type UseChange } from '../licenses/index.ts';
import { type InstanceKey, setState } from './instances-store.ts';
import { loadUsage, saveUsage } from './usage-store.ts';

/** Alerts whose cause is an instance itself: they end with it. */
const ownAlerts = ['instance-failed-to-connect', 'instance-failed-to-renew', 'duplicate-instance'] as const;

/** Ends locked, living instances: what they used is free, their alerts are settled. They never come back. */
export async function endInstances(
  ledger: Ledger,
  keys: readonly InstanceKey[],
  state: EndedState,
): Promise<void> {
  if (keys.length === 0) return;
  await recordUse(ledger, await stopUsing(ledger, keys, state));
  await settleOwnAlerts(ledger, keys);
}

/**
 * Ends instances without touching the pools: for whoever changes them by more than that, because the pools that a
 * transaction changes are locked in one go. What is answered is to be recorded, and the alerts settled after it.
 */
export async function stopUsing(
  ledger: Ledger,
  keys: readonly InstanceKey[],
  state: EndedState,
): Promise<UseChange[]> {
  const usage = await loadUsage(ledger.trx, keys);
  await setState(ledger.trx, keys, state, ledger.now);
  await saveUsage(
    ledger.trx,
    usage.map((row) => ({ ...row, count: 0 })),
    ledger.now,
  );
  return usage.flatMap(({ accountId, instanceId, virtualAccountId, licenseId, count }) =>
    licenseId === null || count === 0
      ? []
      : [{ accountId, instanceId, virtualAccountId, licenseId, from: count, to: 0, reason: state }],
  );
}

/** Settles the alerts whose cause the instances are. */
export async function settleOwnAlerts(ledger: Ledger, keys: readonly InstanceKey[]): Promise<void> {
  await settleAlerts(
    ledger,
    keys.flatMap(({ accountId, instanceId }) =>
      ownAlerts.map((kind) => ({ accountId, kind, cause: instanceId })),
    ),
  );
}

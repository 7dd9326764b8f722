import { settleAlerts } from '../alerts/index.ts';
import type { Ledger } from '../licenses/index.ts';
import { lockInstancesOf } from './instances-store.ts';

import { moveUse } from './move-use.ts';
import { moveActiveTokens, setTokensRevoked } from './tokens-store.ts';

/**
 * Moves every living instance of a virtual account, with what it uses, to another: for the deletion of the first. The
 * caller holds both virtual accounts locked. Returns how many instances were moved.
 */
export async function moveInstancesOf(
  ledger: Ledger,
  accountId: string,
  fromVirtualAccountId: string,
  toVirtualAccountId: string,
): Promise<number> {
  const instanceIds = await lockInstancesOf(ledger.trx, accountId, fromVirtualAccountId);
  if (instanceIds.length === 0) return 0;
  await moveUse(ledger, accountId, instanceIds, toVirtualAccountId);
  return instanceIds.length;
}

/** Revokes every token of a virtual account, for its deletion. Returns how many were revoked. */
export async function revokeTokensOf(
  { trx, now }: Ledger,
  accountId: string,
  virtualAccountId: string,
): Promise<number> {
  await settleAlerts({ trx, now }, [{ accountId, kind: 'tokens-ended-by-restore', cause: virtualAccountId }]);
  return setTokensRevoked(trx, accountId, virtualAccountId, now);
}
/**
 * Has the tokens of a virtual account that still admit somebody register into another one, for its deletion; the others
 * end. Returns how many go on.
 */
export async function moveTokensOf(
  ledger: Ledger,
  accountId: string,
  fromVirtualAccountId: string,
  toVirtualAccountId: string,
): Promise<number> {
  const { trx, now } = ledger;
  const moved = await moveActiveTokens(trx, accountId, {
    from: fromVirtualAccountId,
    to: toVirtualAccountId,
    now,
  });
  await revokeTokensOf(ledger, accountId, fromVirtualAccountId);
  return moved;
}

export {
  type AuthorizationBatches,
  createAuthorizationBatches,
  type DeviceDependencies,
} from './authorization-batch.ts';
export { runAuthorizationExpiries, runOverdueAlerts } from './authorization-expiry-job.ts';
export { carryInstances, registeredOnBothSides, strayInstances } from './carry-instances.ts';
export { runCertificateEnds, runRenewalAlerts } from './certificate-end-job.ts';
export { makeToken } from './create-token.ts';
export { deregisterInstance } from './deregister-instance.ts';
export { withoutToken } from './device-messages-store.ts';
export { type DeviceOutcome, type DeviceRefusal, tooBusy, tooManyGuesses } from './device-outcome.ts';
export { mergeInstanceCounts } from './instance-counts-job.ts';
export { createInstanceKeys, type InstanceKeys } from './instance-keys.ts';
export { purgeDeviceMessages } from './message-purge-job.ts';
export { createRegistrationBatches, type RegistrationBatches } from './registration-batch.ts';
export { renewCertificate } from './renew-certificate.ts';
export type { InstanceMessage } from './take-message.ts';

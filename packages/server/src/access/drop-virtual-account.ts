import type { Trx } from '../database/database.ts';
import { dropFromGrantsAndKeys } from './grants-store.ts';
import { dropFromGroups } from './groups-store.ts';

/**
 * Takes a deleted virtual account out of all grants, groups and API keys. What reaches nowhere any more ends; never does
 * a scope become wider by it.
 */
export async function dropVirtualAccountFromGrants(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
  now: Temporal.Instant,
): Promise<void> {
  await dropFromGrantsAndKeys(trx, accountId, virtualAccountId, now);
  await dropFromGroups(trx, accountId, virtualAccountId);
}

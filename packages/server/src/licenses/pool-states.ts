import type { Trx } from '../database/database.ts';
import { distinctPools, type PoolKey, poolText } from './ledger.ts';
import { loadPools, type PoolState } from './pools-store.ts';

/**
 * How pools stand, by `account/virtual account/license`; every key given is answered. A pool nobody ever used or
 * delivered to is in compliance.
 */
export async function poolStates(
  trx: Trx,
  keys: readonly PoolKey[],
): Promise<ReadonlyMap<string, PoolState>> {
  const states = new Map<string, PoolState>(keys.map((key) => [poolText(key), 'in-compliance']));
  for (const pool of await loadPools(trx, distinctPools(keys))) states.set(poolText(pool), pool.state);
  return states;
}

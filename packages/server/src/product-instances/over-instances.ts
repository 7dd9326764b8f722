import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { systemActor } from '../edge/context.ts';
import type { Ledger } from '../licenses/index.ts';
import { type InstanceKey, type InstanceRow, lockInstances } from './instances-store.ts';

/** How many instances one transaction of a job changes. */
const batchSize = 200;

/**
 * Runs a job over instances in batches, each in a transaction of its own, until nobody is left. Safe to run twice and
 * on several servers: candidates are locked and looked at again before anything is done.
 *
 * @param find candidates, as they are now
 * @param isDue whether a locked instance is one indeed
 * @returns how many were changed
 */
export async function overInstances(
  { db, now, newId }: { db: Database; now: Temporal.Instant; newId(): string },
  find: (limit: number) => Promise<InstanceKey[]>,
  isDue: (row: InstanceRow) => boolean,
  change: (ledger: Ledger, rows: readonly InstanceRow[]) => Promise<void>,
): Promise<number> {
  let changed = 0;
  for (;;) {
    const candidates = await find(batchSize);
    if (candidates.length === 0) return changed;
    changed += await inTransaction(db, async (trx) => {
      const locked = await lockInstances(trx, candidates);
      const due = [...locked.values()].filter(isDue);
      if (due.length > 0) await change({ trx, now, newId, actor: systemActor, requestId: null }, due);
      return due.length;
    });
    if (candidates.length < batchSize) return changed;
  }
}

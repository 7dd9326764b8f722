import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { deleteOldMessages } from './device-messages-store.ts';

const mostAtOnce = 5_000;

/** Deletes messages and their answers after 30 days, in batches. Returns how many. */
export async function purgeDeviceMessages(db: Database, now: Temporal.Instant): Promise<number> {
  for (let deleted = 0; ; ) {
    const count = await inTransaction(db, (trx) => deleteOldMessages(trx, now, mostAtOnce));
    deleted += count;
    if (count < mostAtOnce) return deleted;
  }
}

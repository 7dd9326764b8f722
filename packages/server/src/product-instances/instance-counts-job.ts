import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';

/**
 * Adds together the changes of counts that triggers have appended since the last run, so that reading a count stays
 * short. Changes that another server takes at the same moment are its own; none is counted twice or lost.
 *
 * @returns how many counts were written.
 */
export async function mergeInstanceCounts(db: Database): Promise<number> {
  return inTransaction(db, async (trx) => {
    const { rows } = await sql`
      with gone as (
        delete from product_instance_counts k
         using (select account_id, virtual_account_id, state from product_instance_counts
                 group by 1, 2, 3 having count(*) > 1) several
         where k.account_id = several.account_id and k.virtual_account_id = several.virtual_account_id
           and k.state = several.state
        returning k.account_id, k.virtual_account_id, k.state, k.change)
      insert into product_instance_counts (account_id, virtual_account_id, state, change)
      select account_id, virtual_account_id, state, total(change) from gone group by 1, 2, 3 having total(change) <> 0
      returning change`.execute(trx);
    return rows.length;
  });
}

import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** Rows that are in memory at once. */
const rowsAtOnce = 1_000;

/**
 * Reads a query of any size a batch at a time, by a cursor of the database: everything is seen as it was at one
 * instant, and a reader that is slow makes the database wait. One at a time in a transaction.
 */
export async function* cursorBatches<Item>(trx: Trx, query: RawBuilder<Item>): AsyncGenerator<Item[]> {
  // All rows will be fetched, so the plan is chosen for the whole and not for the first rows.
  await sql`set local cursor_tuple_fraction = 1`.execute(trx);
  await sql`declare report_rows no scroll cursor for ${query}`.execute(trx);
  while (true) {
    const { rows } = await sql<Item>`fetch forward ${sql.lit(rowsAtOnce)} from report_rows`.execute(trx);
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) break;
  }
  await sql`close report_rows`.execute(trx);
}

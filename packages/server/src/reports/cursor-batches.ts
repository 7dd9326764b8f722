import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** Rows that are in memory at once. */
const rowsAtOnce = 1_000;

/**
 * Reads a query of any size a batch at a time, by a cursor of the database: everything is seen as it was at one
 * instant, and a reader that is slow makes the database wait. While a batch is worked on, the database prepares the
 * next one, and no more than that. One at a time in a transaction.
 */
export async function* cursorBatches<Item>(trx: Trx, query: RawBuilder<Item>): AsyncGenerator<Item[]> {
  // All rows will be fetched, so the plan is chosen for the whole and not for the first rows.
  await sql`set local cursor_tuple_fraction = 1`.execute(trx);
  await sql`declare report_rows no scroll cursor for ${query}`.execute(trx);
  const fetch = async (): Promise<Item[]> => {
    const { rows } = await sql<Item>`fetch forward ${sql.lit(rowsAtOnce)} from report_rows`.execute(trx);
    return rows;
  };
  let next = fetch();
  try {
    while (true) {
      const rows = await next;
      const last = rows.length < rowsAtOnce;
      if (!last) next = fetch();
      // A failure is told where the batch is awaited, which may be much later.
      next.catch(() => undefined);
      if (rows.length > 0) yield rows;
      if (last) break;
    }
  } finally {
    // Who stops reading half-way leaves the connection only when nothing is under way on it any more.
    await next.catch(() => undefined);
  }
  await sql`close report_rows`.execute(trx);
}

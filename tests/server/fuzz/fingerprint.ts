import type { TestServer } from '@estover/server/testing';
import { sql } from 'kysely';

/** How many rows each table has, and a hash over all of them: two that are equal tell that nothing was changed between. */
export async function fingerprintOf({ db }: TestServer): Promise<Record<string, string>> {
  const tables = await db
    .withTables<{ pg_tables: { schemaname: string; tablename: string } }>()
    .selectFrom('pg_tables')
    .select('tablename')
    .where('schemaname', '=', 'public')
    .orderBy('tablename')
    .execute();
  const prints = tables.map(async ({ tablename }): Promise<[string, string]> => {
    const { rows } = await sql<{ rows: number; hash: string | null }>`
      select count(*) as rows, md5(string_agg(row_hash, '' order by row_hash)) as hash
        from (select md5(one::text) as row_hash from ${sql.table(tablename)} one) hashed`.execute(db);
    return [tablename, `${rows[0]?.rows} rows, ${rows[0]?.hash}`];
  });
  return Object.fromEntries(await Promise.all(prints));
}

import { sql } from 'kysely';
import type { TestServer } from './test-server.ts';

/**
 * How many rows each table has, and a hash over all of them: two that are equal tell that nothing was changed between.
 *
 * @param accountId only its rows, of the tables that have accounts
 */
export async function fingerprintOf({ db }: TestServer, accountId?: string): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{ name: string; has_accounts: boolean }>`
    select c.relname as name, exists (
             select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped
           ) as has_accounts
      from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
     order by c.relname`.execute(db);
  const wanted = tables.filter(({ has_accounts }) => accountId === undefined || has_accounts);
  const prints = wanted.map(async ({ name }): Promise<[string, string]> => {
    const those = accountId === undefined ? sql`` : sql`where account_id::text = ${accountId}`;
    const { rows } = await sql<{ rows: number; hash: string | null }>`
      select count(*) as rows, md5(string_agg(row_hash, '' order by row_hash)) as hash
        from (select md5(one::text) as row_hash from ${sql.table(name)} one ${those}) hashed`.execute(db);
    return [name, `${rows[0]?.rows} rows, ${rows[0]?.hash}`];
  });
  return Object.fromEntries(await Promise.all(prints));
}

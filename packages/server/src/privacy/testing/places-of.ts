import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Database } from '../../database/database.ts';

/** Where a text stands in any column of any table that can hold one. */
export async function placesOf(db: Database, text: string): Promise<string[]> {
  const { rows: columns } = await sql<{ table: string; column: string }>`
    select c.relname as "table", a.attname as "column" from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     order by 1, 2`.execute(db);
  expect(columns.length).toBeGreaterThan(200);
  const found: string[] = [];
  for (const { table, column } of columns) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from ${sql.table(table)}
       where strpos(lower(${sql.ref(column)}::text), lower(${text})) > 0`.execute(db);
    if ((rows[0]?.count ?? 0) > 0) found.push(`${table}.${column}`);
  }
  return found;
}

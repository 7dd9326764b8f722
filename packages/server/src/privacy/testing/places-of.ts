import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Database } from '../../database/database.ts';

/** Where a text stands in any column of any table that can hold one. */
export async function placesOf(db: Database, text: string): Promise<string[]> {
  const { rows: tables } = await sql<{ table: string; columns: string[] }>`
    select c.relname as "table", array_agg(a.attname::text order by a.attname) as columns from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     group by 1 order by 1`.execute(db);
  expect(tables.flatMap(({ columns }) => columns).length).toBeGreaterThan(200);
  const found: string[] = [];
  for (const { table, columns } of tables) {
    const holds = (value: ReturnType<typeof sql.ref>) =>
      sql`strpos(lower(${value}::text), lower(${text})) > 0`;
    // A whole row first, because nearly all hold nothing of it.
    const counts = sql.join(columns.map((column) => sql`count(*) filter (where ${holds(sql.ref(column))})`));
    const { rows } = await sql<{ counts: number[] }>`
      select array[${counts}]::int[] as counts from ${sql.table(table)} as whole
       where ${holds(sql.ref('whole'))}`.execute(db);
    found.push(
      ...columns.flatMap((column, index) =>
        (rows[0]?.counts[index] ?? 0) > 0 ? [`${table}.${column}`] : [],
      ),
    );
  }
  return found;
}

import { sql } from 'kysely';
import type { Database } from '../database/database.ts';

/** A table with the columns that are copied. */
export interface CopiedTable {
  name: string;
  columns: string[];
}

/** A monthly part of a table: from inclusive, to exclusive. */
export interface Partition {
  table: string;
  name: string;
  from: string;
  to: string;
}

/** Tables that tell of the schema: the manifest names the schema, and restoring makes it. */
const aboutTheSchema = ['schema_migrations', 'schema_migrations_lock', 'schema_migration_contents'];

/**
 * Every table of the installation, read from the database itself so that a new one is never forgotten; partitions are
 * copied through their parents. Ordered so that rows come after those they refer to.
 */
export async function tablesToCopy(db: Database): Promise<CopiedTable[]> {
  const { rows } = await sql<CopiedTable & { refersTo: string[] }>`
    select c.relname as name,
           (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
           coalesce((select array_agg(distinct f.relname::text) from pg_constraint k join pg_class f on f.oid = k.confrelid
             where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid), '{}') as "refersTo"
      from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> all(${aboutTheSchema})
     order by c.relname`.execute(db);
  const ordered = new Map<string, CopiedTable>();
  while (ordered.size < rows.length) {
    const ready = rows.filter(
      ({ name, refersTo }) => !ordered.has(name) && refersTo.every((other) => ordered.has(other)),
    );
    if (ready.length === 0) throw new Error('The tables refer to each other in a circle.');
    for (const { name, columns } of ready) ordered.set(name, { name, columns });
  }
  return [...ordered.values()];
}

/** The monthly partitions there are; default partitions are made by the schema itself. */
export async function partitionsOf(db: Database): Promise<Partition[]> {
  const { rows } = await sql<Partition>`
    select parent.relname as "table", part.relname as name,
           to_char(bounds[1]::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "from",
           to_char(bounds[2]::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "to"
      from pg_inherits i
      join pg_class part on part.oid = i.inhrelid and part.relkind = 'r'
      join pg_class parent on parent.oid = i.inhparent,
           regexp_match(pg_get_expr(part.relpartbound, part.oid), 'FROM \\(''([^'']+)''\\) TO \\(''([^'']+)''\\)') as bounds
     where parent.relnamespace = current_schema()::regnamespace and bounds is not null
     order by 1, 2`.execute(db);
  return rows;
}

/** Brings the sequences of columns that number themselves past the rows that are there. */
export async function setSequences(db: Database): Promise<void> {
  const { rows } = await sql<{ table: string; column: string; sequence: string }>`
    select c.relname as "table", a.attname as "column", pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null`.execute(db);
  for (const { table, column, sequence } of rows) {
    await sql`
      select setval(${sequence}::regclass, coalesce(max(${sql.ref(column)}), 0) + 1, false) from ${sql.table(table)}`.execute(
      db,
    );
  }
}

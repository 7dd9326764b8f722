import { nameKey } from '@estover/domain/accounts';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { sqlStateOf } from '../database/transaction.ts';
import type { WantedNames } from './named-events-store.ts';

interface Column {
  table: string;
  column: string;
  type: 'text' | 'jsonb' | 'text[]';
  hasAccount: boolean;
}

/**
 * Tables without names of people in them, or with rows that never change: what machines write, keys, published texts; and
 * those that are done by themselves.
 */
const untouched = [
  'events',
  'event_batches',
  'people',
  'removed_people',
  'mails',
  'idempotency_keys',
  'device_messages',
  'signing_keys',
  'schema_migrations',
  'schema_migrations_lock',
  'schema_migration_contents',
  'usage_measurements',
  'usage_changes',
  'virtual_account_ancestry',
];

/** Tables whose account is nobody's: who is in them had nothing to do with it. */
const ofNoAccount = ['order_contacts'];

/**
 * Columns that stay: published texts, because what was accepted is word by word as it was, and names of people that go with
 * their row.
 */
const stays = ['agreement_versions.title', 'agreement_versions.body', 'order_contacts.contact_name'];

/** Columns that hold who did something, by name alone. */
const actorColumn = /(_by|_name)$/;

/** Columns that hold a name in the form in which names are compared. */
const keyColumn = /name_key$/;

/** Every column of every table in which a text may stand: what a later table holds is found without anybody thinking of it. */
async function textColumns(db: Database): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select c.relname as "table", a.attname as "column",
           case t.typname when '_text' then 'text[]' when 'jsonb' then 'jsonb' else 'text' end as type,
           c.relname <> all(${ofNoAccount}) and exists (select from pg_attribute x where x.attrelid = c.oid and x.attname = 'account_id' and x.atttypid = 'uuid'::regtype)
             as "hasAccount"
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      join pg_type t on t.oid = a.atttypid
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and t.typname in ('text', 'varchar', 'jsonb', '_text') and c.relname <> all(${untouched})
     order by 1, 2`.execute(db);
  return rows.filter(({ table, column }) => !stays.includes(`${table}.${column}`));
}

/** As a part of a regular expression of the database. */
export const escaped = (text: string): string => text.replaceAll(/[^\p{L}\p{N}\s]/gu, '\\$&');

/** Names of several words, which stand for somebody wherever they stand. */
export const wholeNames = (names: readonly string[]): string[] =>
  names.filter((name) => /\S\s+\S/.test(name));

/**
 * Takes names out of all tables but the events: the mail address from every text, full names from the texts of the accounts
 * somebody had to do with, and any name where it alone says who did something there. Where the address belongs to somebody
 * new it stays, because it is theirs.
 *
 * @returns how many texts read otherwise since
 */
export async function forgetInTables(db: Database, wanted: Omit<WantedNames, 'until'>): Promise<number> {
  const { personId, pseudonym, email, names, accountIds } = wanted;
  let changed = 0;
  const update = async (statement: RawBuilder<unknown>): Promise<void> => {
    const { numAffectedRows = 0n } = await statement.execute(db);
    changed += Number(numAffectedRows);
  };
  // Where they accepted stays with the pseudonym; from where they did goes, as in their events.
  await update(sql`update agreement_acceptances set from_address = null
                    where person_id = ${personId} and from_address is not null`);
  await update(sql`update movements set actor_name = ${pseudonym}
                    where actor_kind = 'person' and actor_id = ${personId} and actor_name <> ${pseudonym}`);
  const address = `(?<![A-Za-z0-9_.+-])${escaped(email)}(?![A-Za-z0-9_-]|\\.[A-Za-z0-9_])`;
  const fullNames = wholeNames(names);
  const isFree = sql`not exists (select from people where people.email = ${email})`;
  const columns = await textColumns(db);
  const holding = await tablesWith(db, columns, wanted);
  for (const { table, column, type, hasAccount } of columns) {
    if (!holding.has(table)) continue;
    const [place, self] = [sql.table(table), sql.ref(column)];
    const text = type === 'text' ? self : sql`${self}::text`;
    const back = type === 'text' ? sql`` : sql.raw(`::${type}`);
    await replacing(pseudonym, (instead) =>
      update(sql`update ${place} set ${self} = regexp_replace(${text}, ${address}, ${instead}, 'gi')${back}
           where ${text} ilike ${containing(email)} and ${text} ~* ${address} and ${isFree}`),
    );
    if (!hasAccount) {
      if (!actorColumn.test(column)) continue;
      for (const one of renameUnique({ table, column }, wanted)) await update(one);
      continue;
    }
    const own = sql`account_id = any(${accountIds}::uuid[])`;
    for (const name of names) {
      if (!actorColumn.test(column)) break;
      await update(sql`update ${place} set ${self} = ${pseudonym} where ${own} and ${text} = ${name}`);
    }
    for (const name of fullNames) {
      const isKey = keyColumn.test(column);
      const written = isKey ? nameKey(name) : name;
      const word = type === 'text' ? written : JSON.stringify(written).slice(1, -1);
      const pattern = `(?<![[:alnum:]])${escaped(word)}(?![[:alnum:]])`;
      await replacing(isKey ? nameKey(pseudonym) : pseudonym, (instead) =>
        update(sql`update ${place} set ${self} = regexp_replace(${text}, ${pattern}, ${instead}, 'g')${back}
             where ${own} and strpos(${text}, ${word}) > 0 and ${text} ~ ${pattern}`),
      );
    }
  }
  return changed;
}

/** The tables in which a row has the address or a name anywhere: few do, and only these are looked at column by column. */
async function tablesWith(
  db: Database,
  columns: readonly Column[],
  { email, names }: Pick<WantedNames, 'email' | 'names'>,
): Promise<Set<string>> {
  const words = [
    ...new Set(names.flatMap((name) => [name, nameKey(name), JSON.stringify(name).slice(1, -1)])),
  ];
  const found = new Set<string>();
  for (const [table, own] of Map.groupBy(columns, (column) => column.table)) {
    const texts = sql.join(own.map(({ column }) => sql`${sql.ref(column)}::text`));
    const { rows } = await sql`
      select from ${sql.table(table)} cross join lateral (select concat_ws(chr(10), ${texts}) as whole) texts
       where whole ilike ${containing(email)} or exists (select from unnest(${words}::text[]) word where strpos(whole, word) > 0)
       limit 1`.execute(db);
    if (rows.length > 0) found.add(table);
  }
  return found;
}

/** A pattern of texts that have this one in them. */
const containing = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;

/**
 * Puts a pseudonym into texts. Two that were told apart by names of one person would read alike now: where they must not,
 * the second gets a number.
 */
async function replacing(pseudonym: string, update: (instead: string) => Promise<unknown>): Promise<void> {
  const most = 20;
  for (let count = 1; ; count++) {
    try {
      await update(count === 1 ? pseudonym : `${pseudonym} ${count}`);
      return;
    } catch (error) {
      if (sqlStateOf(error) !== uniqueViolation || count === most) throw error;
    }
  }
}

const uniqueViolation = '23505';

/** In what belongs to no account a name alone says who it was only where nobody else is called so. */
const renameUnique = (
  { table, column }: Pick<Column, 'table' | 'column'>,
  { names, pseudonym }: Pick<WantedNames, 'names' | 'pseudonym'>,
): RawBuilder<unknown>[] =>
  names.map(
    (name) => sql`update ${sql.table(table)} set ${sql.ref(column)} = ${pseudonym}
               where ${sql.ref(column)} = ${name} and not exists (select from people where people.name = ${name})`,
  );

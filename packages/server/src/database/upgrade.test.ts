import { execFile } from 'node:child_process';
import { createHash, randomUUIDv7 } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sealEvents, verifyEvents } from '../audit/index.ts';
import { describeFinding, examine } from '../doctor/index.ts';
import { createEmptyDatabase } from '../testing/index.ts';
import { type Database, type OpenDatabase, openDatabase } from './database.ts';
import { knownMigrations, migrate, schemaState } from './migrate.ts';

const now = Temporal.Instant.from('2026-11-22T12:00:00Z');
let place: Awaited<ReturnType<typeof createEmptyDatabase>>;
let opened: OpenDatabase;
let db: Database;

beforeAll(async () => {
  place = await createEmptyDatabase();
  opened = openDatabase(place.connectionString, { connections: 8 });
  db = opened.db;
  await migrate(db, now, '0001-foundation');
  const data = new URL('../testing/first-release.sql', import.meta.url);
  await sql.raw(await readFile(data, 'utf8')).execute(db);
});
afterAll(async () => {
  await opened.close();
  await place.drop();
});

/** Tables that the writers below leave alone, with a checksum of all their rows at the columns they had. */
async function checksums(columnsOf?: ReadonlyMap<string, string[]>) {
  const { rows: tables } = await sql<{ name: string; columns: string[] }>`
    select table_name as name, array_agg(column_name::text order by ordinal_position) as columns
      from information_schema.columns
     where table_schema = 'public' and table_name in
       ('licenses', 'products', 'product_grants', 'accounts', 'virtual_accounts', 'virtual_account_ancestry', 'orders',
        'order_lines', 'lots', 'registration_tokens', 'product_instances', 'instance_contacts')
     group by 1`.execute(db);
  const columns = columnsOf ?? new Map(tables.map((table) => [table.name, table.columns]));
  const sums = new Map<string, string>();
  for (const [name, names] of columns) {
    const { rows } = await sql<{ row: string }>`
      select row(${sql.join(names.map((column) => sql.ref(column)))})::text as row from ${sql.table(name)}`.execute(
      db,
    );
    const hash = createHash('sha256');
    for (const { row } of rows.sort((a, b) => (a.row < b.row ? -1 : 1))) hash.update(row);
    sums.set(name, `${rows.length} ${hash.digest('hex')}`);
  }
  return { columns, sums };
}

/** What a server of the first release writes for a transfer of one unit, in one transaction, with its event. */
async function transferAsBefore(round: number): Promise<void> {
  const movement = randomUUIDv7();
  const license = `license ${1 + (round % 5)}`;
  const account = `account ${1 + (round % 20)}`;
  const [from, to] = round % 2 === 0 ? ['top', 'inner'] : ['inner', 'top'];
  const number = round % 20;
  await db.transaction().execute(async (trx) => {
    const id = (name: string) => sql`md5(${name})::uuid`;
    const places = [
      { place: `${from} ${1 + number}`, delta: -1 },
      { place: `${to} ${1 + number}`, delta: 1 },
    ].sort((a, b) => (a.place < b.place ? -1 : 1));
    const lot = `lot ${1 + number} ${1 + (round % 5)}`;
    for (const { place: where, delta } of places) {
      await sql`update holdings set quantity = quantity + ${delta}
        where account_id = ${id(account)} and virtual_account_id = ${id(where)} and lot_id = ${id(lot)} and state = 'available'`.execute(
        trx,
      );
    }
    await sql`insert into movements (account_id, movement_id, kind, at, reason, actor_kind, actor_name)
      values (${id(account)}, ${movement}, 'transfer', ${now}, 'load', 'system', 'Estover')`.execute(trx);
    for (const [index, { place: where, delta }] of places.entries()) {
      await sql`insert into movement_entries values
        (${id(account)}, ${movement}, ${index}, ${id(lot)}, ${id(license)}, ${id(where)}, 'available', ${delta})`.execute(
        trx,
      );
      await sql`update pools set available = available + ${delta}
        where account_id = ${id(account)} and virtual_account_id = ${id(where)} and license_id = ${id(license)}`.execute(
        trx,
      );
    }
    await sql`insert into events (account_id, event_id, at, actor_kind, actor_name, operation, message, object_kind, object_id)
      values (${id(account)}, ${randomUUIDv7()}, ${now}, 'system', 'Estover', 'transferLicenses', 'load', 'movement', ${movement})`.execute(
      trx,
    );
  });
}

it('brings the data of the first release to this version while its servers go on writing', async () => {
  const before = await checksums();
  const counted = async () => {
    const { rows } = await sql<{ movements: number; events: number }>`
      select (select count(*) from movements) as movements, (select count(*) from events) as events`.execute(
      db,
    );
    return rows[0] as { movements: number; events: number };
  };
  const atFirst = await counted();
  let writing = true;
  let acknowledged = 0;
  const failures: unknown[] = [];
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let round = writer; writing; round += 4) {
      await transferAsBefore(round).then(
        () => {
          acknowledged += 1;
        },
        (error: unknown) => failures.push(error),
      );
    }
  });
  while (acknowledged < 50 && failures.length === 0) await wait(5);
  const applied = await migrate(db, now);
  const during = acknowledged;
  while (acknowledged < during + 50 && failures.length === 0) await wait(5);
  writing = false;
  await Promise.all(writers);

  expect(failures).toEqual([]);
  const known = await knownMigrations();
  expect(applied).toEqual(known.slice(1).map(({ name }) => name));
  expect(await schemaState(db)).toEqual({ pending: [], unknown: [], changed: [] });
  expect((await checksums(before.columns)).sums).toEqual(before.sums);
  expect(await counted()).toEqual({
    movements: atFirst.movements + acknowledged,
    events: atFirst.events + acknowledged,
  });
  expect((await examine(db)).map((finding) => describeFinding(finding))).toEqual([]);
  await sealEvents(db, now);
  expect((await verifyEvents(db)).map(({ fault }) => fault)).toEqual(Array(20).fill(null));
});

it('lets others pass while a long reader holds a table that it wants to change', async () => {
  const held = await createEmptyDatabase();
  const { db: here, close } = openDatabase(held.connectionString, { connections: 4 });
  await migrate(here, now, '0001-foundation');
  const waiting = async () => {
    const { rows } = await sql`
      select 1 from pg_locks where not granted and relation is not null
         and database = (select oid from pg_database where datname = current_database())`.execute(here);
    return rows.length > 0;
  };
  const { migrated } = await here.transaction().execute(async (reader) => {
    await sql`select count(*) from event_batches`.execute(reader);
    const migrated = migrate(here, now);
    while (!(await waiting())) await wait(10);
    // It gives up waiting by itself, so that whoever queued up behind it goes on.
    while (await waiting()) await wait(10);
    return { migrated };
  });
  expect((await migrated).length).toBeGreaterThan(0);
  expect(await schemaState(here)).toEqual({ pending: [], unknown: [], changed: [] });
  await close();
  await held.drop();
});

it('keeps released migrations as they were released', async () => {
  const released = await readFile(new URL('./migrations/released.sha256', import.meta.url), 'utf8');
  const lines = released.trim().split('\n');
  expect(lines.length).toBeGreaterThan(0);
  const known = await knownMigrations();
  expect(known.slice(0, lines.length).map(({ name, sha256 }) => `${sha256}  ${name}.sql`)).toEqual(lines);
});

it('refuses, as a server process, a database that a newer version has migrated', async () => {
  await sql`insert into schema_migrations (name, timestamp) values ('9999-the-future', now()::text)`.execute(
    db,
  );
  const main = resolve(import.meta.dirname, '../../../cli/src/main.ts');
  const { code, out, err } = await new Promise<{ code: number | null; out: string; err: string }>((done) => {
    const child = execFile(
      process.execPath,
      [main, 'start', '--port', '0'],
      {
        env: {
          PATH: process.env.PATH,
          DATABASE_URL: place.connectionString,
          ESTOVER_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
          ESTOVER_LOG_FORMAT: 'json',
        },
      },
      (_, out, err) => done({ code: child.exitCode, out, err }),
    );
  });
  expect(code).toBe(1);
  expect(`${out}${err}`).toMatch(
    /The database was written by a newer version of Estover, or its schema was changed by hand .*9999-the-future.*\. Start the version that wrote it, or restore a backup\./,
  );
  expect(err).not.toContain('    at ');
  await sql`delete from schema_migrations where name = '9999-the-future'`.execute(db);
});

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
import { inTransaction } from './transaction.ts';

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
  // However many instances register while the migrations run, their tokens are not used up.
  await sql`update registration_tokens set maximum_uses = null`.execute(db);
});
afterAll(async () => {
  await opened.close();
  await place.close();
});

/** Tables that the writers below leave alone, with a checksum of all their rows at the columns they had. */
async function checksums(columnsOf?: ReadonlyMap<string, string[]>) {
  const { rows: tables } = await sql<{ name: string; columns: string[] }>`
    select table_name as name, array_agg(column_name::text order by ordinal_position) as columns
      from information_schema.columns
     where table_schema = 'public' and table_name in
       ('licenses', 'products', 'product_grants', 'accounts', 'virtual_accounts', 'virtual_account_ancestry', 'orders',
        'order_lines', 'lots')
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

/**
 * What a server of the first release writes for a transfer of one unit, with its event; it tries again as that does. Each
 * unit goes there and back, so that no virtual account runs out, however many transfers there is time for.
 */
async function transferAsBefore(round: number): Promise<void> {
  const movement = randomUUIDv7();
  const license = `license ${1 + (round % 5)}`;
  const account = `account ${1 + (round % 20)}`;
  const [from, to] = Math.floor(round / 20) % 2 === 0 ? ['top', 'inner'] : ['inner', 'top'];
  const number = round % 20;
  await inTransaction(db, async (trx) => {
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

/**
 * What a server of the first release writes for a registration that brings use of nothing, one statement after the other in its
 * order: the instance, its use, the pool, its contact, the message and the event.
 */
async function registerAsBefore(round: number): Promise<void> {
  const number = 1 + (round % 20);
  const id = (name: string) => sql`md5(${name})::uuid`;
  const account = id(`account ${number}`);
  const place = id(`inner ${number}`);
  const instance = randomUUIDv7();
  await inTransaction(db, async (trx) => {
    await sql`select 1 from registration_tokens where account_id = ${account} for update`.execute(trx);
    await sql`insert into product_instances (account_id, instance_id, virtual_account_id, state, product_id, serial_number,
        display_name, export_controlled_allowed, registered_at, certificate_serial, public_key, certificate_expires_at, renew_after)
      values (${account}, ${instance}, ${place}, 'registered', 'RT-200', ${instance}, 'new', false, ${now}, '5f', '\\x00',
        ${now.add({ hours: 8_000 })}, ${now.add({ hours: 4_000 })})`.execute(trx);
    await sql`insert into instance_usage
      select ${account}, ${instance}, tag, license_id, ${place}, 0, ${now} from licenses where name = 'License 1'`.execute(
      trx,
    );
    await sql`select 1 from pools
      where account_id = ${account} and virtual_account_id = ${place} and license_id = ${id('license 1')} for update`.execute(
      trx,
    );
    await sql`insert into instance_contacts values
      (${account}, ${instance}, 1, ${now}, ${now.add({ hours: 720 })}, ${now.add({ hours: 2_160 })})`.execute(
      trx,
    );
    await sql`update registration_tokens set uses = uses + 1 where account_id = ${account}`.execute(trx);
    await sql`insert into events (account_id, event_id, at, actor_kind, actor_name, operation, message, object_kind, object_id)
      values (${account}, ${randomUUIDv7()}, ${now}, 'system', 'Estover', 'registerProductInstance', 'load', 'instance', ${instance})`.execute(
      trx,
    );
  });
}

/** What it writes for a report of use: the contact is locked first, and written last. */
async function reportAsBefore(round: number): Promise<void> {
  const number = 1 + (round % 20);
  const id = (name: string) => sql`md5(${name})::uuid`;
  const account = id(`account ${number}`);
  const instance = id(`instance ${number} ${1 + (round % 30)}`);
  await inTransaction(db, async (trx) => {
    await sql`select 1 from instance_contacts where account_id = ${account} and instance_id = ${instance} for update`.execute(
      trx,
    );
    await sql`select 1 from product_instances where account_id = ${account} and instance_id = ${instance}`.execute(
      trx,
    );
    await sql`update instance_usage set changed_at = ${now} where account_id = ${account} and instance_id = ${instance}`.execute(
      trx,
    );
    await sql`insert into device_messages values
      (${account}, ${instance}, ${randomUUIDv7()}, 'authorize', '{}', '{}', ${now})`.execute(trx);
    await sql`update instance_contacts set last_sequence = last_sequence + 1, last_contact_at = ${now}
      where account_id = ${account} and instance_id = ${instance}`.execute(trx);
  });
}

it('brings the data of the first release to this version while its servers go on writing', async () => {
  const before = await checksums();
  const counted = async () => {
    const { rows } = await sql<
      Record<'movements' | 'events' | 'instances' | 'messages' | 'sequences', number>
    >`
      select (select count(*) from movements) as movements, (select count(*) from events) as events,
             (select count(*) from product_instances) as instances, (select count(*) from device_messages) as messages,
             (select sum(last_sequence) from instance_contacts) as sequences`.execute(db);
    const [row] = rows;
    if (row === undefined) throw new Error('counts are always one row');
    return row;
  };
  const atFirst = await counted();
  let writing = true;
  const acknowledged = { transfers: 0, registrations: 0, reports: 0 };
  const failures: unknown[] = [];
  const write = async (
    kind: keyof typeof acknowledged,
    first: number,
    work: (round: number) => Promise<void>,
  ) => {
    for (let round = first; writing; round += 2) {
      await work(round).then(
        () => {
          acknowledged[kind] += 1;
        },
        (error: unknown) => failures.push(error),
      );
    }
  };
  const writers = [0, 1].flatMap((first) => [
    write('transfers', first, transferAsBefore),
    write('registrations', first, registerAsBefore),
    write('reports', first, reportAsBefore),
  ]);
  const moreOfEach = async () => {
    const until = { ...acknowledged };
    const behind = () =>
      (['transfers', 'registrations', 'reports'] as const).some(
        (kind) => acknowledged[kind] < until[kind] + 20,
      );
    while (behind() && failures.length === 0) await wait(5);
  };
  await moreOfEach();
  const applied = await migrate(db, now);
  await moreOfEach();
  writing = false;
  await Promise.all(writers);

  expect(failures).toEqual([]);
  const known = await knownMigrations();
  expect(applied).toEqual(known.slice(1).map(({ name }) => name));
  expect(await schemaState(db)).toEqual({ pending: [], unknown: [], changed: [] });
  expect((await checksums(before.columns)).sums).toEqual(before.sums);
  expect(await counted()).toEqual({
    movements: atFirst.movements + acknowledged.transfers,
    events: atFirst.events + acknowledged.transfers + acknowledged.registrations,
    instances: atFirst.instances + acknowledged.registrations,
    messages: atFirst.messages + acknowledged.reports,
    sequences: atFirst.sequences + acknowledged.registrations + acknowledged.reports,
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
  await held.close();
});

it('holds one table of the first release at a time, so that no writer is waited for in a circle', async () => {
  const empty = await createEmptyDatabase();
  const { db: here, close } = openDatabase(empty.connectionString, { connections: 2 });
  await migrate(here, now, '0001-foundation');
  const { rows: tables } = await sql<{ oid: string }>`
    select oid::text from pg_class where relkind in ('r', 'p') and not relispartition and relname !~ '^schema_migration'
       and relnamespace = 'public'::regnamespace`.execute(here);
  const held: Record<string, string[]> = {};
  for (const { name } of (await knownMigrations()).slice(1)) {
    held[name] = await here.transaction().execute(async (trx) => {
      await migrate(trx, now, name);
      const { rows } = await sql<{ table: string }>`
        select distinct relation::regclass::text as "table" from pg_locks
         where pid = pg_backend_pid() and relation = any(${tables.map(({ oid }) => oid)}::oid[])
           and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`.execute(
        trx,
      );
      return rows.map(({ table }) => table);
    });
  }
  expect(Object.values(held).flat()).toContain('instance_contacts');
  expect(Object.entries(held).filter(([, names]) => names.length > 1)).toEqual([]);
  await close();
  await empty.close();
});

it('begins a migration again that a writer stood in a circle with', async () => {
  const empty = await createEmptyDatabase();
  const { db: here, pool, close } = openDatabase(empty.connectionString, { connections: 4 });
  await migrate(here, now, '0001-foundation');
  // Raised once, at the end of the first migration, with what the database says of whom it takes out of a circle.
  await sql
    .raw(`
      create sequence tries;
      create function stand_in_a_circle() returns trigger language plpgsql as $$ begin
        if nextval('tries') = 1 then raise exception 'deadlock detected' using errcode = '40P01'; end if;
        return new;
      end $$;
      create trigger circle before insert on schema_migrations for each row execute function stand_in_a_circle()`)
    .execute(here);
  expect((await migrate(here, now)).length).toBeGreaterThan(0);
  expect(await schemaState(here)).toEqual({ pending: [], unknown: [], changed: [] });
  const { rows } = await pool.query('select last_value from tries');
  expect(rows[0].last_value).toBeGreaterThan(1);
  await close();
  await empty.close();
});

it('makes the index for searching where the extension lives in a schema of its own', async () => {
  const empty = await createEmptyDatabase();
  const { db: here, close } = openDatabase(empty.connectionString, { connections: 2 });
  await sql.raw('create schema extensions; create extension pg_trgm schema extensions').execute(here);
  await migrate(here, now);
  const { rows } = await sql`select 1 from pg_indexes where indexname = 'product_instances_search'`.execute(
    here,
  );
  expect(rows).toHaveLength(1);
  await close();
  await empty.close();
});

it('does not wait long for a table to make its partitions, so that readers need not wait behind', async () => {
  const empty = await createEmptyDatabase();
  const { db: here, close } = openDatabase(empty.connectionString, { connections: 4 });
  await migrate(here, now);
  const later = now.add({ hours: 24 * 400 });
  await here.transaction().execute(async (backup) => {
    await sql`lock table events in access share mode`.execute(backup);
    await expect(sql`select ensure_event_partitions(${later}, 1)`.execute(here)).rejects.toMatchObject({
      code: '55P03',
    });
    // A server starts all the same.
    expect(await migrate(here, later)).toEqual([]);
  });
  await sql`select ensure_event_partitions(${later}, 1)`.execute(here);
  const { rows } = await sql<{
    name: string | null;
  }>`select to_regclass('events_2027_12')::text as name`.execute(here);
  expect(rows).toEqual([{ name: 'events_2027_12' }]);
  await close();
  await empty.close();
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

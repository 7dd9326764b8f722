import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../testing/index.ts';
import { migrate, SchemaError } from './migrate.ts';

let database: TestDatabase;
const now = Temporal.Instant.from('2026-11-22T12:00:00Z');

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

it('does nothing when the schema is up to date, on several servers at once', async () => {
  expect(await Promise.all([migrate(database.db, now), migrate(database.db, now)])).toEqual([[], []]);
});

it('refuses a schema that is newer than the server', async () => {
  await sql`insert into schema_migrations (name, timestamp) values ('9999-the-future', now()::text)`.execute(
    database.db,
  );
  await expect(migrate(database.db, now)).rejects.toThrow(SchemaError);
  await sql`delete from schema_migrations where name = '9999-the-future'`.execute(database.db);
});

it('refuses a database that another edition of the same migrations made', async () => {
  const edited = sql`update schema_migration_contents set sha256 = 'x' || sha256 where name = '0001-foundation'`;
  await edited.execute(database.db);
  await expect(migrate(database.db, now)).rejects.toThrow(/another edition of the migration 0001-foundation/);
  await sql`update schema_migration_contents set sha256 = substr(sha256, 2) where name = '0001-foundation'`.execute(
    database.db,
  );
  expect(await migrate(database.db, now)).toEqual([]);
});

it('keeps events by month, and moves those that waited outside of any month', async () => {
  const at = Temporal.Instant.from('2031-05-10T00:00:00Z');
  await database.db
    .insertInto('events')
    .values({
      account_id: '00000000-0000-0000-0000-000000000000',
      event_id: '0193c5a0-0000-7000-8000-000000000001',
      at,
      actor_kind: 'system',
      actor_id: null,
      actor_name: 'Estover',
      operation: 'test',
      message: 'x',
      object_kind: 'x',
      object_id: 'x',
      virtual_account_id: null,
      before: null,
      after: null,
      from_address: null,
      request_id: null,
      batch_number: null,
      hash: null,
    })
    .execute();
  await sql`select ensure_event_partitions(${at}, 2)`.execute(database.db);
  const { rows } = await sql<{
    name: string;
  }>`select tableoid::regclass::text as name from events where at = ${at}`.execute(database.db);
  expect(rows).toEqual([{ name: 'events_2031_05' }]);
});

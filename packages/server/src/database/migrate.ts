import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationResultSet, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';
import { sqlStateOf } from './transaction.ts';

const folder = new URL('./migrations/', import.meta.url);

/** The schema in the database is newer than this server, or was changed by hand. */
export class SchemaError extends Error {
  override name = 'SchemaError';
}

interface ProvidedMigration extends Migration {
  /** SHA-256 of its text in hex: a migration that was applied is never changed. */
  hash: string;
}

async function migrations(): Promise<Record<string, ProvidedMigration>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const entries = await Promise.all(
    names.map(async (name): Promise<[string, ProvidedMigration]> => {
      const text = await readFile(new URL(name, folder), 'utf8');
      const hash = createHash('sha256').update(text).digest('hex');
      const migration = { name: name.slice(0, -'.sql'.length), hash, text };
      return [migration.name, { hash, up: (db) => applyMigration(db, migration) }];
    }),
  );
  return Object.fromEntries(entries);
}

/**
 * A change of a table waits until nobody uses it, and everybody who comes later waits behind it. So it waits for a short
 * time only, lets the others pass, and tries again; a backup or a long report may hold a table for minutes.
 */
const lockWaitSeconds = 3;
const lockTries = 200;
const lockPauseMilliseconds = 1_000;

/** What is applied is kept with its hash in the same transaction. Building an index may take longer than any request may. */
async function applyMigration(
  db: Kysely<unknown>,
  { name, hash, text }: { name: string; hash: string; text: string },
): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(db);
  await sql`set local lock_timeout = ${sql.lit(`${lockWaitSeconds}s`)}`.execute(db);
  await sql.raw(text).execute(db);
  await sql`
    create table if not exists schema_migration_contents (name text primary key, sha256 text not null)`.execute(
    db,
  );
  await sql`insert into schema_migration_contents values (${name}, ${hash}) on conflict do nothing`.execute(
    db,
  );
}

/** How the schema of a database compares with the migrations of this version. All empty when it is up to date. */
export interface SchemaState {
  /** Migrations of this version that were not applied yet. */
  pending: string[];
  /** Migrations that were applied and that this version does not know. */
  unknown: string[];
  /** Migrations that were applied with another content. */
  changed: string[];
}

/** Compares the schema with this version's migrations and changes nothing. */
export async function schemaState(db: Pick<Database, 'getExecutor'>): Promise<SchemaState> {
  const provided = await migrations();
  const { rows: tables } = await sql<{ contents: string | null }>`
    select to_regclass('schema_migration_contents')::text as contents`.execute(db);
  const { rows: applied } =
    tables[0]?.contents === null
      ? { rows: [] }
      : await sql<{ name: string; sha256: string | null }>`
          select m.name, c.sha256 from schema_migrations m left join schema_migration_contents c using (name)
           order by name`.execute(db);
  const names = new Set(applied.map(({ name }) => name));
  return {
    pending: Object.keys(provided).filter((name) => !names.has(name)),
    unknown: [...names].filter((name) => provided[name] === undefined),
    changed: applied
      .filter(({ name, sha256 }) => provided[name] !== undefined && provided[name].hash !== sha256)
      .map(({ name }) => name),
  };
}

/** The migrations of this version in their order, with the SHA-256 of their texts in hex. */
export async function knownMigrations(): Promise<{ name: string; sha256: string }[]> {
  return Object.entries(await migrations()).map(([name, { hash }]) => ({ name, sha256: hash }));
}

/**
 * Brings the schema up to date under a lock, so that several servers may start at once. Each migration is a transaction
 * of its own, so that none holds a table while another works on the next: what was applied before one that fails stays,
 * and the next start goes on from there. On a transaction everything is part of that.
 * Throws `SchemaError` when the schema is newer than this server, or was made by other migrations of the same names.
 *
 * @param db connections without a limit on the time of an answer: a migration of a large table takes minutes
 * @param upTo the last migration to apply; the newest if not given
 * @returns the migrations that were applied
 */
export async function migrate(db: Database, now: Temporal.Instant, upTo?: string): Promise<string[]> {
  const provided = await migrations();
  if (upTo !== undefined && provided[upTo] === undefined) throw new Error(`There is no migration ${upTo}.`);
  await checkContents(db, provided);
  const wanted = Object.entries(provided).filter(([name]) => upTo === undefined || name <= upTo);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => Object.fromEntries(wanted) },
    migrationTableName: 'schema_migrations',
    migrationLockTableName: 'schema_migrations_lock',
  });
  const applied: string[] = [];
  for (;;) {
    const { error, results = [] } = await untilLocksAreFree(
      () => migrator.migrateUp(),
      db.isTransaction ? 1 : lockTries,
    );
    if (error !== undefined) throw refusalOf(error);
    if (results.length === 0) break;
    applied.push(...results.map((result) => result.migrationName));
  }
  if (applied.length > 0) {
    // Views of tables that have new columns now.
    const { rows } = await sql<{ there: boolean }>`
      select to_regprocedure('make_sold_lots_views()') is not null as there`.execute(db);
    if (rows[0]?.there) await sql`select make_sold_lots_views()`.execute(db);
  }
  // Another server may have applied the same names meanwhile.
  await checkContents(db, provided);
  await ensureEventPartitions(db, now);
  return applied;
}

function refusalOf(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('corrupted migrations')) {
    return new SchemaError(
      `The database was written by a newer version of Estover, or its schema was changed by hand (${message}). ` +
        'Start the version that wrote it, or restore a backup.',
    );
  }
  if (isHeldUp(error)) {
    return new SchemaError(
      'The schema cannot be brought up to date while something holds its tables, such as a backup, a long query, ' +
        'another server that starts, or writers that come again and again. The migration under way was undone. ' +
        'Start again when that has ended.',
    );
  }
  return error;
}

/**
 * SQLSTATEs of a migration that was undone because others were in its way, and that may well succeed when they have
 * passed: lock_not_available, deadlock_detected, and query_canceled, because the wait for another server's migration
 * ends with the time that any statement has.
 */
const heldUp = new Set(['55P03', '40P01', '57014']);

const isHeldUp = (error: unknown): boolean => heldUp.has(sqlStateOf(error) ?? '');

async function untilLocksAreFree(
  run: () => Promise<MigrationResultSet>,
  tries: number,
): Promise<MigrationResultSet> {
  for (let left = tries; ; left--) {
    const result = await run();
    if (left <= 1 || !isHeldUp(result.error)) return result;
    await wait(lockPauseMilliseconds);
  }
}

/** Makes the partitions of events; where something holds them a job comes again every day, months before they are needed. */
async function ensureEventPartitions(db: Database, now: Temporal.Instant): Promise<void> {
  try {
    await sql`select ensure_event_partitions(${now}, 4)`.execute(db);
  } catch (error) {
    if (db.isTransaction || !isHeldUp(error)) throw error;
  }
}

/** Refuses a database whose migrations were others than this server's. */
async function checkContents(db: Database, provided: Record<string, ProvidedMigration>): Promise<void> {
  const { rows: tables } = await sql<{ contents: string | null }>`
    select to_regclass('schema_migration_contents')::text as contents`.execute(db);
  if (tables[0]?.contents === null) return;
  const { rows } = await sql<{ name: string; sha256: string }>`
    select name, sha256 from schema_migration_contents order by name`.execute(db);
  const changed = rows.find(
    ({ name, sha256 }) => provided[name] !== undefined && provided[name].hash !== sha256,
  );
  if (changed === undefined) return;
  throw new SchemaError(
    `The database was made by another edition of the migration ${changed.name}, as happens between unreleased versions. ` +
      'Start the version that made it, or begin with an empty data folder.',
  );
}

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationResultSet, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';
import { inTransaction, sqlStateOf } from './transaction.ts';

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
      return [name.slice(0, -'.sql'.length), { hash, up: (db) => applyMigration(db, text) }];
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

/** Building an index may take longer than any request may. */
async function applyMigration(db: Kysely<unknown>, text: string): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(db);
  await sql`set local lock_timeout = ${sql.lit(`${lockWaitSeconds}s`)}`.execute(db);
  await sql.raw(text).execute(db);
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
 * Brings the schema up to date, in one transaction under a lock, so that several servers may start at once.
 * Throws `SchemaError` when the schema is newer than this server, or was made by other migrations of the same names.
 *
 * @param upTo the last migration to apply; the newest if not given
 * @returns the migrations that were applied
 */
export async function migrate(db: Database, now: Temporal.Instant, upTo?: string): Promise<string[]> {
  const provided = await migrations();
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => provided },
    migrationTableName: 'schema_migrations',
    migrationLockTableName: 'schema_migrations_lock',
  });
  const { error, results } = await untilLocksAreFree(
    () => (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo)),
    db.isTransaction ? 1 : lockTries,
  );
  if (error !== undefined) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.startsWith('corrupted migrations')) {
      throw new SchemaError(
        `The database was written by a newer version of Estover, or its schema was changed by hand (${message}). ` +
          'Start the version that wrote it, or restore a backup.',
      );
    }
    if (isLockTaken(error)) {
      throw new SchemaError(
        'The schema cannot be brought up to date while something holds its tables, such as a backup or a long query. ' +
          'Nothing was changed. Start again when it has ended.',
      );
    }
    throw error;
  }
  const applied = (results ?? []).map((result) => result.migrationName);
  await checkContents(db, provided, applied);
  await sql`select ensure_event_partitions(${now}, 4)`.execute(db);
  return applied;
}

/** SQLSTATE 55P03, lock_not_available: the transaction was rolled back, and others have passed. */
const isLockTaken = (error: unknown): boolean => sqlStateOf(error) === '55P03';

async function untilLocksAreFree(
  run: () => Promise<MigrationResultSet>,
  tries: number,
): Promise<MigrationResultSet> {
  for (let left = tries; ; left--) {
    const result = await run();
    if (left <= 1 || !isLockTaken(result.error)) return result;
    await wait(lockPauseMilliseconds);
  }
}

/** Keeps what was applied by its hash, and refuses a database whose migrations were others than this server's. */
async function checkContents(
  db: Database,
  provided: Record<string, ProvidedMigration>,
  applied: readonly string[],
): Promise<void> {
  const keep = async (trx: Database) => {
    // Several servers may start at once, and a table that both make is an error for one of them.
    await sql`select pg_advisory_xact_lock(hashtext('estover schema contents'))`.execute(trx);
    await sql`
      create table if not exists schema_migration_contents (name text primary key, sha256 text not null)`.execute(
      trx,
    );
    for (const name of applied) {
      const hash = provided[name]?.hash ?? '';
      await sql`insert into schema_migration_contents values (${name}, ${hash}) on conflict do nothing`.execute(
        trx,
      );
    }
    const found = await sql<{ name: string; sha256: string }>`
      select name, sha256 from schema_migration_contents order by name`.execute(trx);
    return found.rows;
  };
  const rows = await (db.isTransaction ? keep(db) : inTransaction(db, keep));
  const changed = rows.find(
    ({ name, sha256 }) => provided[name] !== undefined && provided[name].hash !== sha256,
  );
  if (changed === undefined) return;
  throw new SchemaError(
    `The database was made by another edition of the migration ${changed.name}, as happens between unreleased versions. ` +
      'Start the version that made it, or begin with an empty data folder.',
  );
}

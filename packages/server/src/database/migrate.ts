import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';

const folder = new URL('./migrations/', import.meta.url);

/** The schema in the database is newer than this server, or was changed by hand. */
export class SchemaError extends Error {
  override name = 'SchemaError';
}

async function migrations(): Promise<Record<string, Migration>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const entries = await Promise.all(
    names.map(async (name): Promise<[string, Migration]> => {
      const text = await readFile(new URL(name, folder), 'utf8');
      return [name.slice(0, -'.sql'.length), { up: async (db) => void (await sql.raw(text).execute(db)) }];
    }),
  );
  return Object.fromEntries(entries);
}

/**
 * Brings the schema up to date, in one transaction under a lock, so that several servers may start at once.
 * Throws `SchemaError` when the schema is newer than this server.
 */
export async function migrate(db: Database, now: Temporal.Instant): Promise<string[]> {
  const provided = await migrations();
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => provided },
    migrationTableName: 'schema_migrations',
    migrationLockTableName: 'schema_migrations_lock',
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.startsWith('corrupted migrations')) {
      throw new SchemaError(
        `The database was written by a newer version of Estover, or its schema was changed by hand (${message}). ` +
          'Start the version that wrote it, or restore a backup.',
      );
    }
    throw error;
  }
  await sql`select ensure_event_partitions(${now}, 4)`.execute(db);
  return (results ?? []).map((result) => result.migrationName);
}

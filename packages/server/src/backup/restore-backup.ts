import { once } from 'node:events';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { sql } from 'kysely';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Trx } from '../database/database.ts';
import { knownMigrations, migrate } from '../database/migrate.ts';
import { afterRestore, type Restored } from './after-restore.ts';
import { BackupError } from './backup-error.ts';
import { setSequences, tablesToCopy } from './catalog-of-tables.ts';
import { clearTarget } from './clear-target.ts';
import type { BackupTable, Manifest } from './manifest.ts';
import { openOneConnection } from './one-connection.ts';
import { chunksOf } from './read-archive.ts';

export interface RestoreOptions {
  file: string;
  /** Of this file, as `checkArchive` found it. */
  manifest: Manifest;
  /** Whether an installation that is there already is replaced; otherwise only an empty database is taken. */
  replace: boolean;
  now: Temporal.Instant;
  newId: () => string;
  /** Told after each chunk: the table, and the rows of all tables so far. */
  onProgress?: (table: string, rows: number) => void;
}

const decompress = promisify(zstdDecompress);

/**
 * Puts a checked backup into an empty database, or in the place of the installation there. Everything happens in one
 * transaction: whatever fails, the database is as it was.
 *
 * An older schema is made as it was, filled, and then migrated. The installation's epoch rises, and what may have been
 * spent since the backup is ended (see `afterRestore`).
 *
 * @throws BackupError when something is in the way or the file changed since it was checked
 */
export async function restoreBackup(connectionString: string, options: RestoreOptions): Promise<Restored> {
  const { manifest, replace, now, newId } = options;
  const upTo = await schemaOf(manifest);
  const connection = await openOneConnection(connectionString);
  try {
    return await connection.db.transaction().execute(async (trx) => {
      const replaced = await clearTarget(trx, replace);
      await migrate(trx, now, upTo);
      await makePartitions(trx, manifest);
      await fillTables(trx, connection.client, options);
      await checkInstallation(trx, manifest);
      await migrate(trx, now);
      return await afterRestore(trx, { manifest, replaced, now, newId });
    });
  } finally {
    await connection.close();
  }
}

/** The last migration of the backup's schema. The backup's must be the first of this version's, unchanged. */
async function schemaOf({ migrations, version }: Manifest): Promise<string> {
  const known = await knownMigrations();
  for (const [index, { name, sha256 }] of migrations.entries()) {
    if (known[index]?.name === name && known[index].sha256 === sha256) continue;
    throw new BackupError(
      `The backup was written by another version of Estover (${version}) whose schema this one does not know (${name}). ` +
        'Restore it with that version or a newer one.',
    );
  }
  return migrations.at(-1)?.name ?? '';
}

/** Partitions are made before rows come, so that none of them has to move later. */
async function makePartitions(trx: Trx, { partitions }: Manifest): Promise<void> {
  for (const { table, name, from, to } of partitions) {
    const { rows } = await sql<{ there: boolean }>`select to_regclass(${name}) is not null as there`.execute(
      trx,
    );
    if (rows[0]?.there === true) continue;
    await sql`
      create table ${sql.table(name)} partition of ${sql.table(table)}
        for values from (${sql.lit(from)}) to (${sql.lit(to)})`.execute(trx);
  }
}

async function fillTables(
  trx: Trx,
  client: pg.PoolClient,
  { file, manifest, onProgress }: RestoreOptions,
): Promise<void> {
  const { tables } = manifest;
  const here = new Map((await tablesToCopy(trx)).map((table) => [table.name, table.columns]));
  for (const { name, columns } of tables) {
    const wanted = new Set(columns);
    if (here.get(name)?.length !== wanted.size || !here.get(name)?.every((column) => wanted.has(column))) {
      throw new BackupError(
        `The backup is damaged: its table ${name} does not fit its schema. Use another copy of it.`,
      );
    }
    // A migration may have put rows of its own there; the backup has them, as they were.
    await sql`truncate ${sql.table(name)} cascade`.execute(trx);
    // What triggers would derive from the rows is in the backup as well.
    await sql`alter table ${sql.table(name)} disable trigger user`.execute(trx);
  }
  const chunks = chunksOf(file, manifest)[Symbol.asyncIterator]();
  let total = 0;
  for (const [index, table] of tables.entries()) {
    const rows = await fillTable(client, table, async () => {
      const { value, done } = await chunks.next();
      if (done === true || value.table !== index)
        throw new Error('the chunks of a checked archive are in order');
      onProgress?.(table.name, total);
      return { bytes: value.bytes, size: value.chunk.bytes };
    });
    total += rows;
    onProgress?.(table.name, total);
  }
  // Reads to the end, which checks that nothing more came.
  await chunks.next();
  for (const { name } of tables) await sql`alter table ${sql.table(name)} enable trigger user`.execute(trx);
  await setSequences(trx);
}

/** Streams the chunks of one table in. @returns how many rows came */
async function fillTable(
  client: pg.PoolClient,
  { name, columns, rows, chunks }: BackupTable,
  next: () => Promise<{ bytes: Buffer; size: number }>,
): Promise<number> {
  const list = columns.map((column) => `"${column}"`).join(', ');
  const stream = client.query(copyFrom(`copy "${name}" (${list}) from stdin`));
  const failed = once(stream, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => {});
  const finished = once(stream, 'finish');
  finished.catch(() => {});
  try {
    for (const _ of chunks) {
      const { bytes, size } = await next();
      const unpacked = await decompress(bytes, { maxOutputLength: size });
      if (unpacked.length !== size)
        throw new Error(`a chunk has ${unpacked.length} bytes instead of ${size}`);
      if (!stream.write(unpacked)) await Promise.race([once(stream, 'drain'), failed]);
    }
    stream.end();
    await Promise.race([finished, failed]);
  } catch (error) {
    stream.destroy();
    if (error instanceof BackupError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError(
      `The rows of ${name} in the backup cannot be restored (${reason}). Nothing was changed.`,
    );
  }
  if (stream.rowCount !== rows) {
    throw new BackupError(
      `The backup is damaged: ${name} has ${stream.rowCount} rows instead of ${rows}. Use another copy of it.`,
    );
  }
  return rows;
}

async function checkInstallation(trx: Trx, { installationId }: Manifest): Promise<void> {
  const row = await trx.selectFrom('installation').select('installation_id as id').executeTakeFirst();
  if (row?.id === installationId) return;
  throw new BackupError(
    'The backup is damaged: it holds another installation than it says. Use another copy of it.',
  );
}

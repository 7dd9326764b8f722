import { createHash, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { signDocument } from '@estover/protocol/signing';
import { sql } from 'kysely';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Pack, pack as packTar } from 'tar-stream';
import type { Trx } from '../database/database.ts';
import { newestSigningKey, type Seal } from '../installation/index.ts';
import { BackupError } from './backup-error.ts';
import { type CopiedTable, partitionsOf, tablesToCopy } from './catalog-of-tables.ts';
import {
  type BackupChunk,
  type BackupTable,
  backupFormat,
  chunkBytes,
  type Manifest,
  manifestEntry,
  manifestType,
  readmeEntry,
} from './manifest.ts';
import { openOneConnection } from './one-connection.ts';
import { putInPlace } from './put-in-place.ts';

export interface BackupOptions {
  /** Where to; a file that exists is refused. It appears when it is complete. */
  file: string;
  seal: Seal;
  version: string;
  /** The clock. It is read when the tables are held, because the backup may have waited for them. */
  now: () => Temporal.Instant;
  /** Told after each chunk: the table, and the rows of all tables so far. */
  onProgress?: (table: string, rows: number) => void;
  /** Told the id of the snapshot while it is held, for whoever wants to look at the very same moment. */
  onSnapshot?: (snapshotId: string) => Promise<void>;
}

const compress = promisify(zstdCompress);
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/**
 * Writes the whole installation as it is at one moment into one file, while servers go on working. Holds one chunk of
 * rows in memory.
 *
 * @throws BackupError when the file exists or cannot be written, or when there is nothing to back up;
 *   InstallationError when the encryption key is not the installation's
 */
export async function writeBackup(connectionString: string, options: BackupOptions): Promise<Manifest> {
  const { file } = options;
  if (existsSync(file)) {
    throw new BackupError(`The file ${file} exists. Choose another name; a backup is never written over.`);
  }
  const draft = `${file}.${process.pid}.partial`;
  const connection = await openOneConnection(connectionString);
  try {
    const tar = packTar();
    const written = writeFile(tar, draft);
    // Told below; a write that fails early must not count as unhandled while rows are still being read.
    written.catch(() => {});
    const seen = await tablesToCopy(connection.db);
    const manifest = await Promise.race([
      connection.db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((trx) => fill(tar, trx, connection.client, seen, options)),
      // When the file cannot be written nobody drains the archive any more.
      written.then(() => Promise.reject(new Error('the file ended before the archive'))),
    ]);
    tar.finalize();
    await written;
    await putInPlace(draft, file);
    return manifest;
  } catch (error) {
    if (isSystemError(error))
      throw new BackupError(`The backup cannot be written to ${file}: ${error.message}`);
    throw error;
  } finally {
    await rm(draft, { force: true });
    await connection.close();
  }
}

async function writeFile(tar: Pack, draft: string): Promise<void> {
  const out = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
  await pipeline(tar, out);
  if (!out.closed) await once(out, 'close');
}

async function fill(
  tar: Pack,
  trx: Trx,
  client: pg.PoolClient,
  seen: readonly CopiedTable[],
  options: BackupOptions,
): Promise<Manifest> {
  const { seal, version } = options;
  if (!seen.some(({ name }) => name === 'installation')) throw nothingThere();
  await holdTables(trx, seen);
  const now = options.now();
  const tables = await tablesToCopy(trx);
  if (JSON.stringify(tables) !== JSON.stringify(seen)) {
    throw new BackupError('The schema was changed while the backup began. Make the backup again.');
  }
  const installation = await trx.selectFrom('installation').selectAll().executeTakeFirst();
  const key = await newestSigningKey(trx, seal);
  if (installation === undefined || key === undefined) {
    throw nothingThere();
  }
  if (options.onSnapshot !== undefined) {
    const { rows } = await sql<{ id: string }>`select pg_export_snapshot() as id`.execute(trx);
    for (const { id } of rows) await options.onSnapshot(id);
  }
  const { rows: migrations } = await sql<Manifest['migrations'][number]>`
    select name, sha256 from schema_migration_contents order by name`.execute(trx);
  const takenAt = now.toString({ smallestUnit: 'millisecond' });
  await addEntry(tar, readmeEntry, Buffer.from(readme(installation.installation_id, takenAt, version)), now);
  const copied: BackupTable[] = [];
  let rows = 0;
  for (const [index, table] of tables.entries()) {
    const one = await copyTable(client, table, async (number, bytes, chunkRows) => {
      const entry = `tables/${String(index).padStart(3, '0')}-${table.name}/${String(number).padStart(6, '0')}.zst`;
      const packed = await compress(bytes, compression);
      await addEntry(tar, entry, packed, now);
      rows += chunkRows;
      options.onProgress?.(table.name, rows);
      return { entry, bytes: bytes.length, sha256: createHash('sha256').update(packed).digest('hex') };
    });
    copied.push(one);
  }
  const manifest: Manifest = {
    format: backupFormat,
    installationId: installation.installation_id,
    epoch: installation.epoch,
    version,
    takenAt,
    migrations,
    partitions: await partitionsOf(trx),
    tables: copied,
    signingKey: { kid: key.keyId, sealed: key.sealed },
  };
  await addEntry(tar, manifestEntry, Buffer.from(signed(manifest, key.privateKey)), now);
  return manifest;
}

const nothingThere = () =>
  new BackupError('There is nothing to back up: the server was never started on this database.');

const signed = (manifest: Manifest, privateKey: KeyObject): string =>
  signDocument(manifest, { type: manifestType, keyId: manifest.signingKey.kid }, privateKey);

/**
 * Holds the tables, so that no migration changes them while they are copied. Must come before anything is read: the
 * first look fixes the moment of the snapshot, and a migration that was quicker must be seen by it.
 */
async function holdTables(trx: Trx, tables: readonly CopiedTable[]): Promise<void> {
  for (const { name } of tables) await sql`lock table ${sql.table(name)} in access share mode`.execute(trx);
}

/** Streams the rows of a table out, cut into chunks; they end at no particular row. */
async function copyTable(
  client: pg.PoolClient,
  { name, columns }: CopiedTable,
  keep: (number: number, bytes: Buffer, rows: number) => Promise<BackupChunk>,
): Promise<BackupTable> {
  const list = columns.map((column) => `"${column}"`).join(', ');
  const stream = client.query(copyTo(`copy (select ${list} from "${name}") to stdout`));
  const chunks: BackupChunk[] = [];
  let parts: Buffer[] = [];
  let size = 0;
  let rows = 0;
  const flush = async () => {
    if (size === 0) return;
    const bytes = Buffer.concat(parts, size);
    parts = [];
    size = 0;
    const ended = rowsIn(bytes);
    rows += ended;
    chunks.push(await keep(chunks.length, bytes, ended));
  };
  for await (const part of stream as AsyncIterable<Buffer>) {
    let rest = part;
    while (size + rest.length > chunkBytes) {
      const fits = chunkBytes - size;
      parts.push(rest.subarray(0, fits));
      size = chunkBytes;
      rest = rest.subarray(fits);
      await flush();
    }
    parts.push(rest);
    size += rest.length;
  }
  await flush();
  return { name, columns, rows, chunks };
}

/** A line break ends a row and nothing else: those within values are written as `\n`. */
function rowsIn(bytes: Buffer): number {
  let rows = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) rows += 1;
  return rows;
}

async function addEntry(tar: Pack, name: string, bytes: Buffer, now: Temporal.Instant): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const mtime = new Date(now.epochMilliseconds);
  tar.entry({ name, mode: 0o600, mtime, size: bytes.length }, bytes, (error) =>
    error === null || error === undefined ? resolve() : reject(error),
  );
  await promise;
}

const readme = (installationId: string, takenAt: string, version: string): string =>
  `A backup of the Estover installation ${installationId}, as it was at ${takenAt}, written by version ${version}.

Restore it with: estover restore <this file>

It needs the installation's encryption key, which is not in here: the file encryption.key of the data folder, or the
value of ESTOVER_ENCRYPTION_KEY. Keep the key in another place than this file.
`;

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error &&
  'syscall' in error &&
  ['open', 'write', 'link', 'rename', 'close', 'fsync'].includes(String(error.syscall));

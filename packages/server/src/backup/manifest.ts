import { z } from 'zod';

/*
 * A backup is one tar file: `README.txt`, then for each table its rows as PostgreSQL's COPY writes them, cut into chunks
 * and compressed (zstd), and last the manifest, a signed document that names every chunk with its hash.
 */

/** Changes when an older version could not read the archive. */
export const backupFormat = 1;

export const readmeEntry = 'README.txt';
export const manifestEntry = 'manifest.jws';
export const manifestType = 'estover-backup+jws';

/** Bytes of a chunk before it is compressed, at most: what is held in memory at a time. */
export const chunkBytes = 8 * 1024 * 1024;

/** Bytes of a manifest at most: enough for a hundred thousand chunks. */
export const largestManifest = 64 * 1024 * 1024;

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);
const instant = z.iso.datetime();

const chunkSchema = z.object({
  /** Name of its file in the archive. */
  entry: z.string(),
  /** Bytes when it is unpacked. */
  bytes: count.max(chunkBytes),
  /** Of the file as it lies in the archive. */
  sha256,
});

const tableSchema = z.object({
  name: identifier,
  columns: z.array(identifier).min(1),
  rows: count,
  chunks: z.array(chunkSchema),
});

export const manifestSchema = z.object({
  format: z.literal(backupFormat),
  installationId: z.uuid(),
  epoch: count,
  /** The version of Estover that wrote it. */
  version: z.string(),
  /** The moment whose state it holds. */
  takenAt: instant,
  /** The schema of the tables. */
  migrations: z.array(z.object({ name: z.string(), sha256 })).min(1),
  /** Monthly parts of tables: from inclusive, to exclusive. */
  partitions: z.array(z.object({ table: identifier, name: identifier, from: instant, to: instant })),
  /** In an order in which rows find those they refer to. */
  tables: z.array(tableSchema).min(1),
  /** What the manifest is signed with. The private half is encrypted with the installation's encryption key. */
  signingKey: z.object({ kid: z.string(), sealed: z.string() }),
});

export type Manifest = z.output<typeof manifestSchema>;
export type BackupTable = z.output<typeof tableSchema>;
export type BackupChunk = z.output<typeof chunkSchema>;

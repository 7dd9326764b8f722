import { randomUUIDv7 } from 'node:crypto';
import type { Logger } from 'pino';
import packageJson from '../../package.json' with { type: 'json' };
import { checkArchive, type Manifest, type Restored, restoreBackup, writeBackup } from '../backup/index.ts';
import { startEmbeddedDatabase } from '../database/embedded/index.ts';
import { createSeal } from '../installation/index.ts';
import type { ServerConfig } from './config.ts';
import { existingEncryptionKey } from './encryption-key.ts';
import { checkExternalDatabase } from './external-database.ts';
import { withDatabase } from './open-for-command.ts';

type Place = Pick<ServerConfig, 'databaseUrl' | 'dataFolder' | 'encryptionKey'>;

/** Told while rows are copied: the table, and the rows of all tables so far. */
type OnProgress = (table: string, rows: number) => void;

/** Writes a backup of the installation to a file, beside a running server or without one. */
export async function backUp(place: Place, file: string, onProgress: OnProgress): Promise<Manifest> {
  const seal = createSeal(await existingEncryptionKey(place));
  const { version } = packageJson;
  // The schema stays: a server of an older version may be running on it.
  return withDatabase(
    place,
    (_, connectionString) =>
      writeBackup(connectionString, { file, seal, version, now: Temporal.Now.instant, onProgress }),
    { migrates: false },
  );
}

/**
 * Restores a backup into the data folder's own database, which is made when there is none, or into that of
 * `DATABASE_URL`. The backup is checked before anything is made.
 */
export async function restore(
  place: Place,
  { file, replace, onProgress }: { file: string; replace: boolean; onProgress: OnProgress },
  log: Pick<Logger, 'info' | 'warn' | 'error'>,
): Promise<Restored> {
  const manifest = await checkArchive(file, createSeal(await existingEncryptionKey(place)));
  const into = (connectionString: string) =>
    restoreBackup(connectionString, {
      file,
      manifest,
      replace,
      now: Temporal.Now.instant(),
      newId: () => randomUUIDv7(),
      onProgress,
    });
  if (place.databaseUrl !== undefined) {
    await checkExternalDatabase(place.databaseUrl, log);
    return into(place.databaseUrl);
  }
  const embedded = await startEmbeddedDatabase({ dataFolder: place.dataFolder, log });
  try {
    return await into(embedded.connectionString);
  } finally {
    await embedded.stop();
  }
}

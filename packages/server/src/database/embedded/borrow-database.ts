import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { StartError } from '../../process/start-error.ts';
import { loadCredentials } from './database-credentials.ts';
import { prepareDatabaseFolder } from './database-folder.ts';
import { connectionStringOf } from './database-session.ts';
import { type DatabaseLog, startEmbeddedDatabase } from './embedded-database.ts';
import { postmasterOf, readPidFile } from './postmaster.ts';

/**
 * The embedded database for a command beside the server: that of the running server, left running at the end, or one
 * started for the time of the command.
 *
 * @throws StartError when the data folder holds no database
 */
export async function borrowEmbeddedDatabase(
  dataFolder: string,
  log: DatabaseLog,
): Promise<{ connectionString: string; giveBack(): Promise<void> }> {
  if (!existsSync(dataFolder)) {
    throw new StartError(
      `There is no data folder ${dataFolder}. Name the one of your server with --data-folder.`,
    );
  }
  const place = await prepareDatabaseFolder(dataFolder, (message) => log.warn({}, message));
  if (!existsSync(place.cluster)) {
    throw new StartError(
      `The data folder ${dataFolder} holds no database. Name the one of your server with --data-folder, start the server there once, or set DATABASE_URL.`,
    );
  }
  const listening = await readPidFile(place.cluster);
  if (listening !== undefined && postmasterOf(listening, place.cluster) !== undefined) {
    const credentials = await loadCredentials(await realpath(dataFolder), place.cluster);
    return { connectionString: connectionStringOf(listening, credentials), giveBack: async () => {} };
  }
  const started = await startEmbeddedDatabase({ dataFolder, log });
  return { connectionString: started.connectionString, giveBack: () => started.stop() };
}

import { type Database, openDatabase } from '../database/database.ts';
import { borrowEmbeddedDatabase } from '../database/embedded/index.ts';
import { migrate } from '../database/migrate.ts';
import type { ServerConfig } from './config.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

export type CommandDatabaseOptions = {
  /** False leaves the schema as it is, for commands that must not change what an older server still runs on. */
  readonly migrates?: boolean;
};

/**
 * Opens an installation's database for one command, beside a running server or without one.
 *
 * @throws StartError when there is no database to open; SchemaError when its schema is newer than this version
 */
export async function withDatabase<T>(
  { databaseUrl, dataFolder }: Pick<ServerConfig, 'databaseUrl' | 'dataFolder'>,
  work: (db: Database, connectionString: string) => Promise<T>,
  { migrates = true }: CommandDatabaseOptions = {},
): Promise<T> {
  const borrowed =
    databaseUrl === undefined
      ? await borrowEmbeddedDatabase(dataFolder, silent)
      : { connectionString: databaseUrl, giveBack: async () => {} };
  try {
    const database = openDatabase(borrowed.connectionString, { connections: 4 });
    try {
      if (migrates) await migrate(database.db, Temporal.Now.instant());
      return await work(database.db, borrowed.connectionString);
    } finally {
      await database.close();
    }
  } finally {
    await borrowed.giveBack();
  }
}

import { type Database, openDatabase } from '../database/database.ts';
import { borrowEmbeddedDatabase } from '../database/embedded/index.ts';
import { migrate } from '../database/migrate.ts';
import type { ServerConfig } from './config.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Opens an installation's database for one command, beside a running server or without one. */
export async function withDatabase<T>(
  { databaseUrl, dataFolder }: Pick<ServerConfig, 'databaseUrl' | 'dataFolder'>,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const borrowed =
    databaseUrl === undefined
      ? await borrowEmbeddedDatabase(dataFolder, silent)
      : { connectionString: databaseUrl, giveBack: async () => {} };
  try {
    const database = openDatabase(borrowed.connectionString, { connections: 4 });
    try {
      await migrate(database.db, Temporal.Now.instant());
      return await work(database.db);
    } finally {
      await database.close();
    }
  } finally {
    await borrowed.giveBack();
  }
}

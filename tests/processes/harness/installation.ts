import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newOperatorKey } from '@estover/server/process';
import { type Database, openDatabase } from '../../../packages/server/src/database/database.ts';
import { createServer, type ServerUnderTest } from './servers.ts';
import { openWorld, type World } from './world.ts';

/** Several server processes on one database. */
export interface Installation {
  readonly servers: readonly ServerUnderTest[];
  readonly addresses: readonly string[];
  readonly world: World;
  readonly db: Database;
  close(): Promise<void>;
}

/**
 * Starts servers at once on an empty database, which they also have to make ready at once.
 *
 * @param databaseUrl the database, as the test reaches it
 * @param throughUrl how the servers reach it, when that is another way
 */
export async function openInstallation(
  count: number,
  databaseUrl: string,
  throughUrl: string = databaseUrl,
): Promise<Installation> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'estover-processes-'));
  chmodSync(dataFolder, 0o755);
  const operatorKey = newOperatorKey();
  const settings = { databaseUrl: throughUrl, dataFolder, operatorKey };
  const servers = await Promise.all(Array.from({ length: count }, () => createServer(settings)));
  const database = openDatabase(databaseUrl, { connections: 4 });
  const close = async () => {
    await Promise.all(servers.map(async (server) => server.running() && server.kill()));
    await database.close();
    rmSync(dataFolder, { recursive: true, force: true });
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
    const addresses = servers.map(({ address }) => address);
    const world = await openWorld(database.db, addresses[0] ?? '', operatorKey);
    return { servers, addresses, db: database.db, world, close };
  } catch (error) {
    await close();
    throw error;
  }
}

import { randomUUIDv7 } from 'node:crypto';
import { createApp } from '../app.ts';
import { checkArchive, type Restored, restoreBackup, writeBackup } from '../backup/index.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { loadInstallation } from '../installation/index.ts';
import { createEmptyDatabase } from './test-database.ts';
import type { TestServer } from './test-server.ts';

/** A server that was restored from a backup, at the address of the one the backup is of. */
export interface RestoredServer {
  db: Database;
  restored: Restored;
  close(): Promise<void>;
}

/** Writes a backup of a running test server. */
export async function backUpServer(server: TestServer, file: string): Promise<void> {
  await writeBackup(server.connectionString, {
    file,
    seal: server.installation,
    version: server.installation.version,
    now: server.clock.now,
  });
}

/**
 * Ends a test server as if its machine had burnt down, restores a backup elsewhere, and starts a server on it at the
 * same address, with the same clock. Clients of the first server reach this one.
 */
export async function restoreInPlaceOf(server: TestServer, file: string): Promise<RestoredServer> {
  const { port } = new URL(server.address);
  await server.app.close();
  const target = await createEmptyDatabase();
  const restored = await restoreBackup(target.connectionString, {
    file,
    manifest: await checkArchive(file, server.installation),
    replace: false,
    now: server.clock.now(),
    newId: () => randomUUIDv7(),
  });
  const database = openDatabase(target.connectionString, { connections: 10 });
  const installation = await loadInstallation(database.db, {
    seal: server.installation,
    version: server.installation.version,
    publicUrl: () => server.installation.publicUrl,
    now: server.clock.now(),
  });
  const app = await createApp({
    db: database.db,
    installation,
    now: server.clock.now,
    newId: () => randomUUIDv7(),
    log: false,
    checkAnswers: true,
  });
  await app.listen({ host: '127.0.0.1', port: Number(port) });
  return {
    db: database.db,
    restored,
    async close() {
      await app.close();
      await database.close();
      await target.close();
    },
  };
}

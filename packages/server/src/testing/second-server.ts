import { randomUUIDv7 } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../app.ts';
import { openDatabase } from '../database/database.ts';
import { loadInstallation } from '../installation/index.ts';
import type { TestServer } from './test-server.ts';

export interface SecondServer {
  app: FastifyInstance;
  address: string;
  close(): Promise<void>;
}

/** Another server on the same database with the same clock, that knows nothing of the first but what is stored. */
export async function startSecondServer(server: TestServer): Promise<SecondServer> {
  const database = openDatabase(server.connectionString, { connections: 10 });
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
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    address,
    async close() {
      await app.close();
      await database.close();
    },
  };
}

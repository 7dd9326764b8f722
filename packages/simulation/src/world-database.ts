import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dropDatabase, migrate, openDatabase, startEmbeddedDatabase } from '@estover/server/testing/world';

/** A PostgreSQL with a migrated template, from which every world gets a database of its own. */
export interface DatabaseCluster {
  readonly connectionString: string;
  readonly template: string;
  /** A fresh database; `drop` removes it, whoever is still connected. */
  create(name: string): Promise<{ connectionString: string; drop(): Promise<void> }>;
  stop(): Promise<void>;
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const ownTemplate = 'simulation_template';

/** Memory where there is a file system of it: crashes here are of servers, not of disks. */
export const fastFolder = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

function urlOf(connectionString: string, name: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.toString();
}

/** Starts a PostgreSQL for this command. */
export async function startCluster(): Promise<DatabaseCluster> {
  const dataFolder = await mkdtemp(join(fastFolder(), 'estover-simulation-'));
  const embedded = await startEmbeddedDatabase({ dataFolder, log: silent });
  const server = openDatabase(embedded.connectionString, { connections: 1 });
  await server.pool.query(`create database ${ownTemplate}`);
  await server.close();
  const prepared = openDatabase(urlOf(embedded.connectionString, ownTemplate), { connections: 2 });
  await migrate(prepared.db, Temporal.Now.instant());
  await prepared.close();
  const cluster = borrowCluster(embedded.connectionString, ownTemplate);
  return {
    ...cluster,
    async stop() {
      await cluster.stop();
      await embedded.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Uses a PostgreSQL that runs already and has a migrated template. */
export function borrowCluster(connectionString: string, templateName: string): DatabaseCluster {
  const server = openDatabase(connectionString, { connections: 1 });
  return {
    connectionString,
    template: templateName,
    async create(name) {
      await server.pool.query(`create database ${name} template ${templateName} strategy file_copy`);
      // What is committed survives the crashes of this world, because the database itself never dies in it.
      await server.pool.query(`alter database ${name} set synchronous_commit = off`);
      const url = new URL(urlOf(connectionString, name));
      // Real time means nothing here: a world that a busy machine holds up must not fail for it.
      const limits = 'statement_timeout=0 -c idle_in_transaction_session_timeout=0';
      url.searchParams.set('options', `-c TimeZone=UTC -c ${limits}`);
      return {
        connectionString: url.toString(),
        async drop() {
          await dropDatabase(server.pool, name);
        },
      };
    },
    stop: () => server.close(),
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../database/database.ts';
import { startEmbeddedDatabase } from '../database/embedded/index.ts';
import { migrate } from '../database/migrate.ts';
import { databaseUrl, templateName } from './test-database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
  }
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** One PostgreSQL for the whole run, with a migrated template that every test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'estover-test-'));
  const embedded = await startEmbeddedDatabase({ dataFolder, log: silent });
  const server = openDatabase(embedded.connectionString, { connections: 1 });
  await server.pool.query(`create database ${templateName}`);
  // Nothing here has to outlive a crash, and every commit waits for the disk otherwise.
  await server.pool.query('alter role current_user set synchronous_commit = off');
  await server.close();
  const template = openDatabase(databaseUrl(embedded.connectionString, templateName), { connections: 2 });
  await migrate(template.db, Temporal.Now.instant());
  await template.close();
  project.provide('databaseUrl', embedded.connectionString);
  return async () => {
    await embedded.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
}

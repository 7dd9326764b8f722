import { randomUUIDv7 } from 'node:crypto';
import { inject } from 'vitest';
import { openDatabase } from '../../../packages/server/src/database/database.ts';

/** An empty database of a test file's own on the PostgreSQL of the run; dropped on close. */
export async function emptyDatabase(): Promise<{ connectionString: string; close(): Promise<void> }> {
  const base = inject('databaseUrl');
  const name = `processes_${randomUUIDv7().replaceAll('-', '')}`;
  const server = openDatabase(base, { connections: 1 });
  await server.pool.query(`create database ${name}`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  return {
    connectionString: url.toString(),
    async close() {
      await server.pool.query(`drop database ${name} with (force)`);
      await server.close();
    },
  };
}

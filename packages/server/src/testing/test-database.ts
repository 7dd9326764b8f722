import { randomUUIDv7 } from 'node:crypto';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { dropDatabase } from './drop-database.ts';

export const templateName = 'estover_template';

/** The same server, another database. */
export function databaseUrl(connectionString: string, name: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.toString();
}

export interface TestDatabase {
  db: Database;
  connectionString: string;
  close(): Promise<void>;
}

/** A database without anything in it, for whoever makes the schema; nothing is connected to it. Dropped on close. */
export async function createEmptyDatabase(): Promise<{ connectionString: string; close(): Promise<void> }> {
  const base = inject('databaseUrl');
  const name = `test_${randomUUIDv7().replaceAll('-', '')}`;
  const server = openDatabase(base, { connections: 1 });
  await server.pool.query(`create database ${name}`);
  return {
    connectionString: databaseUrl(base, name),
    async close() {
      await dropDatabase(server.pool, name);
      await server.close();
    },
  };
}

/** A database of a test file's own, cloned from the migrated template; dropped on close. */
export async function openTestDatabase(connections = 10): Promise<TestDatabase> {
  const base = inject('databaseUrl');
  const name = `test_${randomUUIDv7().replaceAll('-', '')}`;
  const server = openDatabase(base, { connections: 1 });
  await server.pool.query(`create database ${name} template ${templateName} strategy file_copy`);
  const connectionString = databaseUrl(base, name);
  const opened = openDatabase(connectionString, { connections });
  return {
    db: opened.db,
    connectionString,
    async close() {
      await opened.close();
      await dropDatabase(server.pool, name);
      await server.close();
    },
  };
}

import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { type Database, openDatabase } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';

/** One connection, for the query builder and for streams of COPY within the same transaction. */
export interface OneConnection {
  db: Database;
  client: pg.PoolClient;
  close(): Promise<void>;
}

/** Opens one connection without a limit on the time of a statement: whole tables go through it. */
export async function openOneConnection(connectionString: string): Promise<OneConnection> {
  const opened = openDatabase(connectionString, { connections: 1 });
  const client = await opened.pool.connect();
  // A connection that breaks tells it to the statement that is under way; without a listener it would end the process.
  client.on('error', () => {});
  await client.query('set statement_timeout = 0');
  await client.query('set idle_in_transaction_session_timeout = 0');
  const borrowed = new Proxy(client, {
    get(target, name) {
      if (name === 'release') return () => {};
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool: { connect: async () => borrowed, end: async () => {}, options: opened.pool.options },
    }),
  });
  return {
    db,
    client,
    async close() {
      client.release(true);
      await opened.close();
    },
  };
}

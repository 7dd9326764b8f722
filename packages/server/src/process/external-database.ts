import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { isDatabaseAway } from '../database/transaction.ts';
import { reasonOf, StartError, systemCodeOf } from './start-error.ts';

/** The oldest PostgreSQL the schema works on: 15 brought `nulls not distinct` and `merge`. */
const OLDEST_VERSION = 15;

/**
 * Whether the error is one of those that a database gives for a while which starts at the same time, or restarts, or has
 * more to do than it can: it may not even answer.
 */
const isNotYet = (error: unknown): boolean =>
  isDatabaseAway(error) || (error instanceof Error && error.message === 'timeout expired');

/**
 * Waits until the database of `DATABASE_URL` answers and checks that it is new enough.
 *
 * @param waitMs how long a database that is not there yet may take to come up
 * @throws StartError naming the database without its password, and what to do
 */
export async function checkExternalDatabase(
  databaseUrl: string,
  log: Pick<Logger, 'info'>,
  waitMs = 30_000,
): Promise<void> {
  const { host, pathname } = new URL(databaseUrl);
  const name = `${host}${pathname}`;
  const began = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      const version = await serverVersion(databaseUrl);
      if (Math.floor(version / 10_000) >= OLDEST_VERSION) return;
      throw new StartError(
        `The database ${name} is PostgreSQL ${Math.floor(version / 10_000)}; Estover needs ${OLDEST_VERSION} or newer. ` +
          'Upgrade it, or leave DATABASE_URL out to use the embedded one.',
      );
    } catch (thrown) {
      if (thrown instanceof StartError) throw thrown;
      const notYet = isNotYet(thrown) && performance.now() - began < waitMs;
      if (!notYet) {
        throw new StartError(
          `The database ${name} cannot be used: ${reasonOf(thrown) || systemCodeOf(thrown)}. ` +
            'Check DATABASE_URL and that the database runs and lets this user in.',
        );
      }
      if (attempt === 2) log.info({ database: name }, 'Waiting for the database');
      await wait(Math.min(100 * attempt, 1_000));
    }
  }
}

async function serverVersion(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(
      `select current_setting('server_version_num') as version`,
    );
    return Number(rows[0]?.version);
  } finally {
    await client.end().catch(() => undefined);
  }
}

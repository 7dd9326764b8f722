import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { StartError, systemCodeOf } from '../../process/start-error.ts';
import { type DatabaseCredentials, SERVER_DATABASE, SERVER_ROLE, SUPERUSER } from './database-credentials.ts';
import type { Listening } from './postmaster.ts';

/** What a running database says about itself. */
export type DatabaseSelf = { readonly dataFolder: string; readonly instance: string };

/** Answers that mean "not yet": the socket is not there, or the database starts, stops or recovers. */
const NOT_YET = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03', '57P01', '57P02']);

/**
 * The address for the server's own role. A socket's address also has a host, so that it is a valid URL whose path
 * (the database's name) can be changed with `new URL`.
 */
export function connectionStringOf(listening: Listening, credentials: DatabaseCredentials): string {
  const who = `${SERVER_ROLE}:${encodeURIComponent(credentials.password)}`;
  if (listening.tcp) return `postgresql://${who}@127.0.0.1:${listening.port}/${SERVER_DATABASE}`;
  const host = encodeURIComponent(listening.socketFolder);
  return `postgresql://${who}@localhost/${SERVER_DATABASE}?host=${host}&port=${listening.port}`;
}

/**
 * Asks the database who it is, as soon as it answers. Answers undefined when `giveUp` says so first.
 * @throws StartError when it answers but does not know our password.
 */
export async function askWhoItIs(
  listening: Listening,
  credentials: DatabaseCredentials,
  giveUp: () => boolean,
): Promise<DatabaseSelf | undefined> {
  for (;;) {
    if (giveUp()) return undefined;
    try {
      return await asSuperuser(listening, credentials, async (client) => {
        const { rows } = await client.query<{ data_folder: string; instance: string }>(
          `select current_setting('data_directory') as data_folder, current_setting('cluster_name') as instance`,
        );
        const [row] = rows;
        return { dataFolder: row?.data_folder ?? '', instance: row?.instance ?? '' };
      });
    } catch (thrown) {
      const code = systemCodeOf(thrown);
      if (code === '28P01' || code === '28000') {
        throw new StartError(
          `The database at ${listening.socketFolder} does not accept the password in the data folder's ` +
            'database-credentials.json. Put that file back from a copy.',
        );
      }
      // A database that ends while it is asked closes the connection without a code.
      const closed = thrown instanceof Error && /terminated|timeout/i.test(thrown.message);
      if (!closed && (code === undefined || !NOT_YET.has(code))) throw thrown;
    }
    await wait(15);
  }
}

/** Makes the server's role and database where they are missing. May run any number of times. */
export async function prepareServerRole(
  listening: Listening,
  credentials: DatabaseCredentials,
): Promise<void> {
  await asSuperuser(listening, credentials, async (client) => {
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      `select exists (select from pg_roles where rolname = $1) as role,
              exists (select from pg_database where datname = $2) as database`,
      [SERVER_ROLE, SERVER_DATABASE],
    );
    const password = client.escapeLiteral(credentials.password);
    // The role may create databases, which tests and restores want, and nothing on the machine itself.
    if (!rows[0]?.role) await client.query(`create role ${SERVER_ROLE} login createdb password ${password}`);
    if (!rows[0]?.database) await client.query(`create database ${SERVER_DATABASE} owner ${SERVER_ROLE}`);
  });
}

async function asSuperuser<T>(
  listening: Listening,
  credentials: DatabaseCredentials,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: listening.socketFolder,
    port: listening.port,
    user: SUPERUSER,
    password: credentials.superuserPassword,
    database: 'postgres',
    connectionTimeoutMillis: 2_000,
    query_timeout: 30_000,
  });
  // Without a listener an error on an idle connection would end the whole process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;
/** A transaction. Stores and views take this; nothing reaches the database beside it. */
export type Trx = Transaction<Tables>;

const typeIds = { int8: 20, date: 1082, timestamptz: 1184, numeric: 1700 } as const;

const parsers: Record<number, (text: string) => unknown> = {
  [typeIds.int8]: safeInteger,
  [typeIds.numeric]: safeInteger,
  [typeIds.date]: (text) => text,
  [typeIds.timestamptz]: (text) => Temporal.Instant.from(text),
};

/** Sums of bigint come as numeric; every count of ours is far below 2^53. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is not a safe integer`);
  return value;
}

/** What the driver says when the database did not answer a statement in time. */
const statementUnanswered = 'Query read timeout';

const writable = (value: unknown): unknown => (value instanceof Temporal.Instant ? value.toString() : value);

/**
 * Statements of the hot paths begin with a comment that names them, and each connection parses and plans them once. One
 * name is one text, whatever the values: only for statements whose text never varies.
 */
const preparedName = /^\s*\/\* prepared: ([a-z-]+) \*\//;

/**
 * The driver does not know Temporal; this client writes instants as RFC 3339 text. It also prepares the statements
 * that ask for it.
 */
class TemporalClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: the driver's own overloads are passed through unchanged
  override query(...given: any[]): any {
    const [config, values] = given;
    if (typeof config === 'string' && Array.isArray(values)) {
      const written = values.map(writable);
      const name = preparedName.exec(config)?.[1];
      if (name === undefined) given[1] = written;
      else given.splice(0, 2, { name, text: config, values: written });
    } else if (Array.isArray(values)) given[1] = values.map(writable);
    else if (config !== null && typeof config === 'object' && Array.isArray(config.values)) {
      config.values = config.values.map(writable);
    }
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const answered = (super.query as any)(...given);
    // The driver gives up on the statement and not on the connection, which would still wait for the answer.
    if (answered instanceof Promise) {
      answered.catch((error: Error) => {
        if (error.message === statementUnanswered) void this.end();
      });
    }
    return answered;
  }
}

export interface OpenDatabase {
  db: Database;
  pool: pg.Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** The most at once; 20 if not given. */
  connections?: number;
  /**
   * How long a statement may go without an answer before its connection is given up: a line may be dead without saying
   * so. To be longer than the database's own limit. No limit if not given.
   */
  answerWithinMs?: number;
  /** Told when a connection breaks that nobody uses. */
  onError?: (error: Error) => void;
}

/**
 * Opens a pool to PostgreSQL. Connections that break while idle are reported and replaced: without a listener they
 * would end the process whenever the database restarts.
 */
export function openDatabase(
  connectionString: string,
  { connections = 20, answerWithinMs, onError = () => {} }: DatabaseOptions = {},
): OpenDatabase {
  const pool = new pg.Pool({
    connectionString,
    max: connections,
    Client: TemporalClient,
    connectionTimeoutMillis: 5_000,
    ...(answerWithinMs === undefined ? {} : { query_timeout: answerWithinMs }),
    // Session time zone UTC, so that instants come back in UTC; bounded statements, so that no query runs away.
    options: '-c TimeZone=UTC -c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000',
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        parsers[oid] ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  pool.on('error', onError);
  // The pool listens only to connections that lie idle. One that breaks while it is used tells whoever uses it, through
  // the statement that fails; but it also emits an error, which without any listener would end the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, close: () => db.destroy() };
}

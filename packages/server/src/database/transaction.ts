import type { Database, Trx } from './database.ts';

/** SQLSTATEs that a new try of the whole transaction heals: serialization failure and deadlock. */
const retriable = new Set(['40001', '40P01']);

/** Thrown by work that saw too late that something else was first: the transaction begins again. */
export class Overtaken extends Error {
  override name = 'Overtaken';
  readonly code = '40001';

  constructor() {
    super('something else was first');
  }
}

const maximumTries = 5;

export const sqlStateOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/**
 * States in which the database is not there, is leaving or starting, or has no room (PostgreSQL, appendix A: classes 08,
 * 53, 57P and 58, and the session it ended because its transaction waited too long), and those of a line that is broken.
 */
const awayStates = new RegExp(
  [
    '^(08\\w{3}|53\\w{3}|57P0[1-5]|58\\w{3}|25P03',
    'ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN',
    'EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENETRESET)$',
  ].join('|'),
);

/** What the driver and the query builder say of a connection that broke or is silent, without a code. */
const awayMessages =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|is not queryable|connection has been discarded/;

/** Whether the error says that the database is away, starting or out of room, not that the statement was wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (awayStates.test(sqlStateOf(error) ?? '')) return true;
  if (!(error instanceof Error)) return false;
  // The socket file of a database that does not run. Another file that is missing is a fault of ours.
  if (sqlStateOf(error) === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true;
  // Libraries between the driver and us say it in their own words, and name the error as the cause.
  return awayMessages.test(error.message) || isDatabaseAway(error.cause);
}

/** How the log tells of it. The tests of races look for this line: locks have one order, so it is never to be seen there. */
export const givenUpMessage = 'a request has to come again: the database gave up on it';

/** Whether the database gave up on work that may well succeed later: it took too long, or met too much else in its way. */
export const isGivenUp = (error: unknown): boolean =>
  retriable.has(sqlStateOf(error) ?? '') || sqlStateOf(error) === '57014';

/**
 * Runs work in one transaction, again from the start where the database asks for it. This is the only place that
 * retries. `work` must hold no effect outside of the transaction.
 */
export async function inTransaction<T>(
  db: Database,
  work: (trx: Trx) => Promise<T>,
  isolation: 'read committed' | 'repeatable read' = 'read committed',
): Promise<T> {
  for (let tries = 1; ; tries++) {
    // On a connection that broke the rollback fails as well, and that would hide why it was wanted.
    let failed: { error: unknown } | undefined;
    try {
      return await (isolation === 'read committed'
        ? db.transaction()
        : db.transaction().setIsolationLevel(isolation)
      ).execute(async (trx) => {
        try {
          return await work(trx);
        } catch (error) {
          failed = { error };
          throw error;
        }
      });
    } catch (thrown) {
      const error = failed === undefined ? thrown : failed.error;
      if (tries >= maximumTries || !retriable.has(sqlStateOf(error) ?? '')) throw error;
    }
  }
}

class RolledBack<T> {
  readonly value: T;
  constructor(value: T) {
    this.value = value;
  }
}

/** Runs work and keeps none of its changes: the answer is what would have been. */
export async function rolledBack<T>(db: Database, work: (trx: Trx) => Promise<T>): Promise<T> {
  try {
    await inTransaction(db, async (trx) => {
      throw new RolledBack(await work(trx));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.value as T;
    throw error;
  }
  throw new Error('unreachable: the work always throws');
}

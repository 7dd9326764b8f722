import type { Database, Trx } from './database.ts';

/** SQLSTATEs that a new try of the whole transaction heals: serialization failure and deadlock. */
const retriable = new Set(['40001', '40P01']);

const maximumTries = 5;

export const sqlStateOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** Whether the error says that the database is away or starting, not that the statement was wrong. */
export function isDatabaseAway(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (
    state !== undefined &&
    /^(57P0[1-4]|08\d{3}|53300|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT)$/.test(state)
  ) {
    return true;
  }
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect/.test(error.message)
  );
}

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
    try {
      return await (isolation === 'read committed'
        ? db.transaction()
        : db.transaction().setIsolationLevel(isolation)
      ).execute(work);
    } catch (error) {
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

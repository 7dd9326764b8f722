import type { Database, Trx } from '../../database/database.ts';

class Done<T> {
  readonly value: T;
  constructor(value: T) {
    this.value = value;
  }
}

type Work<T> = (trx: Trx) => Promise<T>;

/** Sees what a transaction did, before it is rolled back. */
type Look = (trx: Trx) => Promise<void>;

/**
 * The same database, but every transaction is rolled back after it went well: a server on it answers as ever and never
 * changes, so that thousands of requests may each start from the same state.
 */
export function keepingNothing(db: Database, look: Look = async () => {}): Database {
  const transaction = () => {
    const begin = db.transaction();
    const builder = {
      setIsolationLevel(level: Parameters<typeof begin.setIsolationLevel>[0]) {
        return { execute: <T>(work: Work<T>) => execute(begin.setIsolationLevel(level), work, look) };
      },
      execute: <T>(work: Work<T>) => execute(begin, work, look),
    };
    return builder;
  };
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction') return transaction;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The same, but everything is kept while `keeps` says so, as servers do. */
export function keepingWhile(keeps: () => boolean, look?: Look): (db: Database) => Database {
  return (db) => {
    const nothing = keepingNothing(db, look);
    return new Proxy(db, {
      get(_, name) {
        const chosen = keeps() ? db : nothing;
        const value: unknown = Reflect.get(chosen, name, chosen);
        return typeof value === 'function' ? value.bind(chosen) : value;
      },
    });
  };
}

async function execute<T>(begin: ReturnType<Database['transaction']>, work: Work<T>, look: Look): Promise<T> {
  try {
    await begin.execute(async (trx) => {
      const value = await work(trx);
      await look(trx);
      throw new Done(value);
    });
  } catch (thrown) {
    if (thrown instanceof Done) return thrown.value as T;
    throw thrown;
  }
  throw new Error('unreachable: the work always throws');
}

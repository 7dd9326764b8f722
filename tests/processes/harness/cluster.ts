import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '@estover/protocol/testing';
import { type OpenDatabase, openDatabase } from '../../../packages/server/src/database/database.ts';
import {
  type EmbeddedDatabase,
  startEmbeddedDatabase,
} from '../../../packages/server/src/database/embedded/index.ts';
import { isDatabaseAway } from '../../../packages/server/src/database/transaction.ts';

/** A PostgreSQL of a test's own, which may be killed: whoever keeps it starts it again at once, as an operator would. */
export interface Cluster {
  readonly connectionString: string;
  /** Ends the main process: SIGINT fast, SIGQUIT at once, SIGKILL by force. Resolves once another one runs. */
  restart(signal: NodeJS.Signals): Promise<void>;
  /** kill -9 of one of the processes that serve a connection: PostgreSQL then ends all of them and recovers. */
  killBackend(random: Random): Promise<void>;
  /** What was logged about its ends and starts. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

async function killed(pool: OpenDatabase['pool'], random: Random): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ pid: number }>(`
      select pid from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid() and datname = current_database()`);
    if (rows.length === 0) return false;
    process.kill(random.pick(rows).pid, 'SIGKILL');
    return true;
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (gone || isDatabaseAway(error)) return false;
    throw error;
  }
}

/** @param folder where to keep it; a new temporary folder if not given */
export async function startCluster(folder?: string): Promise<Cluster> {
  const dataFolder = folder ?? mkdtempSync(join(tmpdir(), 'estover-cluster-'));
  chmodSync(dataFolder, 0o755);
  const log: string[] = [];
  const keep = (_: object, message: string) => void log.push(message);
  const embedded: EmbeddedDatabase = await startEmbeddedDatabase({
    dataFolder,
    log: { info: keep, warn: keep, error: keep },
  });
  const { connectionString } = embedded;
  return {
    connectionString,
    log,
    async restart(signal) {
      const ended = embedded.processId();
      process.kill(ended, signal);
      while (embedded.processId() === ended) await wait(5);
    },
    async killBackend(random) {
      const { pool, close: closePool } = openDatabase(connectionString, { connections: 1 });
      try {
        // While it recovers from the kill before there is nobody to kill.
        while (!(await killed(pool, random))) await wait(10);
      } finally {
        await closePool();
      }
    },
    async close() {
      await embedded.stop();
      if (folder === undefined) rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

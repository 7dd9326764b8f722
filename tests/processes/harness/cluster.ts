import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '@estover/protocol/testing';
import { openDatabase } from '../../../packages/server/src/database/database.ts';
import {
  type EmbeddedDatabase,
  startEmbeddedDatabase,
} from '../../../packages/server/src/database/embedded/index.ts';
import { isDatabaseAway } from '../../../packages/server/src/database/transaction.ts';

/** A PostgreSQL of a test's own, which may be killed: whoever keeps it starts it again at once, as an operator would. */
export interface Cluster {
  readonly connectionString: string;
  /** Sends the main process a signal: SIGINT restarts fast, SIGQUIT at once, SIGKILL kills. Nothing while it is gone. */
  signal(signal: NodeJS.Signals): void;
  /** kill -9 of one of the processes that serve a connection: PostgreSQL then ends all of them and recovers. */
  killBackend(random: Random): Promise<void>;
  /** What was logged about its ends and starts. */
  readonly log: readonly string[];
  close(): Promise<void>;
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
    signal(signal) {
      try {
        process.kill(embedded.processId(), signal);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    },
    async killBackend(random) {
      const { pool, close: closePool } = openDatabase(connectionString, { connections: 1 });
      try {
        const { rows } = await pool.query<{ pid: number }>(`
          select pid from pg_stat_activity
           where backend_type = 'client backend' and pid <> pg_backend_pid() and datname = current_database()`);
        if (rows.length > 0) process.kill(random.pick(rows).pid, 'SIGKILL');
      } catch (error) {
        // It recovers from the kill before: there is nobody to kill.
        if (
          !isDatabaseAway(error) &&
          !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
        ) {
          throw error;
        }
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

import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { givenUpMessage } from '../../../packages/server/src/database/transaction.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './ports.ts';

const program = join(import.meta.dirname, 'run-server.ts');

/** A server process that can be killed and started again at the same address. */
export interface ServerUnderTest {
  readonly address: string;
  pid(): number;
  running(): boolean;
  /** Starts it, and resolves once it answers. */
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGTERM, and how it ended. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /**
   * Lines of all its logs at the levels error and fatal, and of deadlocks that no try healed.
   */
  complaints(): string[];
  /** All lines of its logs. */
  log(): readonly string[];
}

export interface ServerSettings {
  /** Without it the server has a database of its own in its data folder. */
  databaseUrl?: string;
  dataFolder: string;
  operatorKey: string;
}

/** A server on a free port, not started yet. */
export async function createServer(settings: ServerSettings): Promise<ServerUnderTest> {
  const port = await freePort();
  const lines: string[] = [];
  let child: Child | undefined;
  const now = () => {
    if (child === undefined) throw new Error('the server was never started');
    return child;
  };
  const all = () => [...lines, ...(child?.running() ? child.lines : [])];
  return {
    address: `http://127.0.0.1:${port}`,
    pid: () => now().pid,
    running: () => child?.running() ?? false,
    async start() {
      child = startChild(program, [], {
        ...(settings.databaseUrl === undefined ? {} : { DATABASE_URL: settings.databaseUrl }),
        ESTOVER_DATA_FOLDER: settings.dataFolder,
        ESTOVER_OPERATOR_KEY: settings.operatorKey,
        ESTOVER_PORT: String(port),
        ESTOVER_LOG_FORMAT: 'json',
      });
      const started = child;
      void started.ended.then(() => lines.push(...started.lines));
      await started.line((line) => line.includes('"msg":"Estover is ready"'));
    },
    async kill() {
      await now().end('SIGKILL');
    },
    stop: () => now().end('SIGTERM'),
    complaints: () =>
      all().filter(
        (line) =>
          /"level":"(error|fatal)"/.test(line) ||
          // Locks have one order, so no transaction may ever lose all its tries to others.
          (line.includes(givenUpMessage) && /deadlock detected|could not serialize access/.test(line)),
      ),
    log: all,
  };
}

/** Milliseconds until a server says that it can serve; waits for it at most a minute, and not at all when it ended. */
export async function readyAgain(server: ServerUnderTest): Promise<number> {
  const { address } = server;
  const began = performance.now();
  for (;;) {
    if (!server.running()) throw new Error(`${address} ended: ${server.log().slice(-5).join('\n')}`);
    const ready = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(10_000) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    const milliseconds = performance.now() - began;
    if (ready) return Math.round(milliseconds);
    if (milliseconds > 60_000) throw new Error(`${address} was not ready again within a minute`);
    await wait(20);
  }
}

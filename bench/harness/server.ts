import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { newOperatorKey } from '@estover/server/process';
import type { BenchServer, ServerOptions } from './scenario.ts';

const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

/** How long a server may take until it is ready, and afterwards to end. */
const PATIENCE_MS = 60_000;
const POLL_MS = 10;

/**
 * Starts a server as an operator does, in production settings, and waits until /readyz answers 200.
 *
 * @throws when it ends before that; the message holds what it said last
 */
export async function startServer(
  options: ServerOptions & { readonly dataFolder: string },
): Promise<BenchServer> {
  const port = await freePort();
  const operatorKey = newOperatorKey();
  const launchedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      // As `npm start` says.
      '--max-semi-space-size=16',
      ...(options.nodeOptions ?? []),
      main,
      'start',
      '--data-folder',
      options.dataFolder,
      '--port',
      String(port),
    ],
    {
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        ESTOVER_LOG_FORMAT: 'json',
        ESTOVER_OPERATOR_KEY: operatorKey,
        ...(options.database !== undefined && { DATABASE_URL: options.database.connectionString }),
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl+C goes to the bench, which ends its servers in order.
      detached: true,
    },
  );
  let said = '';
  const listen = (text: string) => {
    said = (said + text).slice(-4_000);
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await ended;
    clearTimeout(timer);
  };
  const address = `http://127.0.0.1:${port}`;
  while (!(await isReady(address))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the server ended before it was ready: ${said}`);
    }
    if (performance.now() - launchedAt > PATIENCE_MS) {
      await stop();
      throw new Error(`the server was not ready within ${PATIENCE_MS / 1000} s: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const readyAfterMs = performance.now() - launchedAt;
  return { address, processId: child.pid ?? 0, operatorKey, readyAfterMs, stop };
}

async function isReady(address: string): Promise<boolean> {
  try {
    const response = await fetch(`${address}/readyz`);
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no free port.');
  return address.port;
}

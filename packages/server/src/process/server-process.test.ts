import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../testing/index.ts';
import { assembleServer } from './assemble-server.ts';
import { certificateForTest, keyForTest } from './certificate-for-test.ts';
import { loadConfig } from './config.ts';
import {
  type Assembled,
  type ServerParts,
  type ServerProcess,
  startServerProcess,
} from './server-process.ts';

const assembleApi = (parts: ServerParts) => assembleServer(parts, { consoleFolder: null });

let database: TestDatabase;
let folder: string;
let happened: string[];
const running: ServerProcess[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'estover-process-'));
  happened = [];
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  assemble: (parts: ServerParts) => Promise<Assembled>,
  more: Record<string, string> = {},
) {
  const config = await loadConfig({
    environment: {
      ESTOVER_DATA_FOLDER: folder,
      DATABASE_URL: database.connectionString,
      ESTOVER_PORT: '0',
      // All servers of this file share one database, which only opens with the key that wrote it.
      ESTOVER_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
      ...more,
    },
  });
  const server = await startServerProcess(config, pino({ level: 'silent' }), assemble);
  running.push(server);
  return server;
}

/** An application with one route that answers when told. */
function slowApp() {
  const arrived = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const assemble = async (parts: ServerParts): Promise<Assembled> => {
    const app = Fastify();
    parts.prepare(app);
    app.get('/slow', async () => {
      arrived.resolve();
      await finish.promise;
      const { rows } = await parts.database.pool.query('select 42 as answer');
      happened.push('answered');
      return rows[0];
    });
    return {
      app,
      started: async () => void happened.push('started'),
      stopped: async () => void happened.push('jobs stopped'),
    };
  };
  return { assemble, arrived: arrived.promise, finish: finish.resolve };
}

test('it serves the application, with health and metrics that know its routes', async () => {
  const server = await start(assembleApi);
  expect(await (await fetch(`${server.address}/readyz`)).json()).toEqual({ status: 'ready' });
  expect((await fetch(`${server.address}/openapi.json`)).status).toBe(200);
  expect(await (await fetch(`${server.address}/metrics`)).text()).toContain(
    'route="/openapi.json",status="200"',
  );
});

test('it serves metrics at an address of their own, or nowhere, and the reference only where it is wanted', async () => {
  const server = await start(assembleApi, { ESTOVER_METRICS: '127.0.0.1:0', ESTOVER_REFERENCE: 'off' });
  expect((await fetch(`${server.address}/metrics`)).status).toBe(404);
  expect((await fetch(`${server.address}/openapi.json`)).status).toBe(404);
  expect((await fetch(`${server.address}/reference`)).status).toBe(404);
  const apart = await fetch(`${server.metricsAddress}/metrics`);
  expect(apart.headers.get('content-type')).toContain('text/plain');
  expect(await apart.text()).toContain('estover_http_request_duration_seconds_count');
  for (const [path, method] of [
    ['/metrics', 'POST'],
    ['/openapi.json', 'GET'],
    ['/api/v1/me', 'GET'],
    ['/metrics/../healthz', 'GET'],
  ] as const) {
    expect((await fetch(`${server.metricsAddress}${path}`, { method })).status).toBe(404);
  }
  const { port } = new URL(server.metricsAddress ?? '');
  await expect(start(assembleApi, { ESTOVER_METRICS: `127.0.0.1:${port}` })).rejects.toThrow(
    `The metrics cannot be served on 127.0.0.1 port ${port}`,
  );
  await server.stop();
  await expect(fetch(`${server.metricsAddress}/metrics`)).rejects.toThrow();

  const silent = await start(assembleApi, { ESTOVER_METRICS: 'off' });
  expect(silent.metricsAddress).toBeNull();
  expect((await fetch(`${silent.address}/metrics`)).status).toBe(404);
  expect((await fetch(`${silent.address}/openapi.json`)).status).toBe(200);
});

test('told to stop, it finishes what is under way with the database still there, then ends the jobs', async () => {
  const slow = slowApp();
  const server = await start(slow.assemble);
  const answer = fetch(`${server.address}/slow`);
  await slow.arrived;
  const stopped = server.stop();
  await expect
    .poll(() =>
      fetch(`${server.address}/healthz`).then(
        () => 'served',
        () => 'refused',
      ),
    )
    .toBe('refused');
  slow.finish();
  expect(await (await answer).json()).toEqual({ answer: 42 });
  await Promise.all([stopped, server.stop()]);
  expect(happened).toEqual(['started', 'answered', 'jobs stopped']);
});

test('a taken port is told with what to do, and what was started is ended again', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const slow = slowApp();
  await expect(start(slow.assemble, { ESTOVER_PORT: String(port) })).rejects.toThrow(
    `The port ${port} on 127.0.0.1 is taken by another program. Stop it, or set ESTOVER_PORT`,
  );
  expect(happened).toEqual(['jobs stopped']);
  other.close();
});

test('the public address is the one listened on, unless another is configured', async () => {
  const server = await start(slowApp().assemble);
  expect(server.publicUrl).toBe(server.address);
  const behindProxy = await start(slowApp().assemble, { ESTOVER_PUBLIC_URL: 'https://licenses.example.com' });
  expect(behindProxy.publicUrl).toBe('https://licenses.example.com');
});

test('with a certificate it speaks HTTPS, and a key that does not fit is refused', async () => {
  const certificateFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  writeFileSync(certificateFile, certificateForTest);
  writeFileSync(keyFile, keyForTest);
  const tls = { ESTOVER_TLS_CERTIFICATE_FILE: certificateFile, ESTOVER_TLS_KEY_FILE: keyFile };

  const server = await start(assembleApi, tls);
  expect(server.address).toMatch(/^https:/);
  const answered = async (address: string) => {
    const [response] = await once(get(address, { ca: certificateForTest }), 'response');
    response.resume();
    return response;
  };
  expect((await answered(`${server.address}/healthz`)).statusCode).toBe(200);
  const { headers } = await answered(`${server.address}/openapi.json`);
  expect(headers['strict-transport-security']).toBe('max-age=31536000');

  writeFileSync(keyFile, certificateForTest);
  await expect(start(assembleApi, tls)).rejects.toThrow(/cannot be used.*Both must be PEM files/);
});

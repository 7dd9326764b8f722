import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { acknowledged, batchOf, errorsOf, postRequest, runLoad, sentOf } from './run-load.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function serving(listener: RequestListener) {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, processId: process.pid };
}

const requests = (count: number) =>
  batchOf([...Array(count).keys()].map((number) => postRequest('/count', 'text/plain', `${number}`)));

const answer = (response: Parameters<RequestListener>[1], status: number, body: string) =>
  response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body);

test('sends every request once, in order on each connection, and says what became of each', async () => {
  const seen: number[] = [];
  const target = await serving((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const number = Number(body);
      seen.push(number);
      if (number % 10 === 3) answer(response, 503, '{"code":"too-busy"}');
      else answer(response, 200, `got ${body}`);
    });
  });
  const load = await runLoad({
    servers: [target],
    connections: 7,
    batch: requests(200),
    pace: { kind: 'closed', warmUpMs: 0, windowMs: 30_000 },
    sampleEvery: 50,
  });
  expect(seen.toSorted((a, b) => a - b)).toEqual([...Array(200).keys()]);
  expect(load).toMatchObject({ answered: 180, ranOut: true });
  expect(errorsOf(load)).toBe('20 × 503 too-busy');
  expect(acknowledged(load)).toEqual([...Array(200).keys()].filter((number) => number % 10 !== 3));
  expect(load.samples.toSorted((a, b) => a.index - b.index)).toEqual(
    [0, 50, 100, 150].map((index) => ({ index, body: `got ${index}` })),
  );
});

test('what was not sent before the window ended stays unsent', async () => {
  const target = await serving((request, response) => {
    request.resume();
    request.on('end', () => setTimeout(() => answer(response, 200, 'late'), 20));
  });
  const load = await runLoad({
    servers: [target],
    connections: 2,
    batch: requests(100_000),
    pace: { kind: 'closed', warmUpMs: 0, windowMs: 200 },
  });
  expect(load.ranOut).toBe(false);
  expect(sentOf(load)).toBeGreaterThan(0);
  expect(sentOf(load)).toBeLessThan(100_000);
  // Everything that was sent was waited for, the end included.
  expect(acknowledged(load)).toHaveLength(sentOf(load));
});

test('a server that cuts connections off voids the run', async () => {
  const target = await serving((request) => request.socket.destroy());
  const load = await runLoad({
    servers: [target],
    connections: 3,
    batch: requests(100),
    pace: { kind: 'closed', warmUpMs: 0, windowMs: 30_000 },
  });
  expect(load.answered).toBe(0);
  expect(errorsOf(load)).toMatch(/^3 × /);
});

test('at a steady rate everybody who was due while the server stood still is late, not only those who were through', async () => {
  const standsStillMs = 400;
  let until: number | undefined;
  const target = await serving((request, response) => {
    until ??= performance.now() + standsStillMs;
    const pause = Math.max(0, until - performance.now());
    request.resume();
    request.on('end', () => setTimeout(() => answer(response, 200, 'ok'), pause));
  });
  const load = await runLoad({
    servers: [target],
    connections: 2,
    batch: requests(400),
    pace: { kind: 'open', perSecond: 1_000, warmUpMs: 0, windowMs: 30_000 },
  });
  expect(errorsOf(load)).toBeUndefined();
  // Two of 400 were on their way. Measured from when they were sent, the 99th percentile would not know of it.
  const late = load.latencyMs?.p50 ?? 0;
  expect(late).toBeGreaterThan((load.latencyMs?.max ?? 0) / 10);
});

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';

/* Lines as nobody's program makes them, against a server whose limits are short. What is open at once is bounded by the machine. */

const mostConnections = 1_000;
const mostHeaders = 60;
let server: TestServer;
let port: number;

beforeAll(async () => {
  server = await startTestServer({
    limits: { headersSeconds: 2, requestSeconds: 2, mostHeaders, mostConnections },
  });
  port = Number(new URL(server.address).port);
});
afterAll(() => server.close());

interface Line {
  socket: Socket;
  /** What the server said until it closed the line. */
  closed: Promise<string>;
}

async function open(first = ''): Promise<Line> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let said = '';
  socket.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1');
  });
  // What the server does not read any more breaks off; the end of the line is what counts.
  socket.on('error', () => {});
  socket.once('end', () => socket.destroy());
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(said)));
  await once(socket, 'connect');
  if (first !== '') socket.write(first);
  return { socket, closed };
}
/** A hundred at a time, which is what waits at the door of a busy machine. */
async function openMany(count: number, first?: string): Promise<Line[]> {
  const opened: Line[] = [];
  while (opened.length < count) {
    const some = Math.min(100, count - opened.length);
    opened.push(...(await Promise.all(Array.from({ length: some }, () => open(first)))));
  }
  return opened;
}

/** Sends a byte now and then until the line is closed. */
async function drip({ socket, closed }: Line, text: string): Promise<string> {
  for (const letter of text) {
    if (!socket.writable) break;
    socket.write(letter);
    await setTimeout(100);
  }
  return closed;
}

/** Lines that the server has open, other than those that a pool of this process keeps. */
const lines = (): Promise<number> =>
  new Promise((resolve, reject) =>
    server.app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );
const isWell = async () => {
  const answer = await fetch(`${server.address}/device/v1/trust`, { headers: { connection: 'close' } });
  await answer.arrayBuffer();
  return answer.status;
};
const head = 'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n';

it('ends headers and bodies that come drop by drop, and goes on answering others', async () => {
  const loris = await openMany(40);
  const bodies = await openMany(40, `${head}Content-Length: 500\r\n\r\n`);
  const dripped = [
    ...loris.map((line) => drip(line, `GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(200)}`)),
    ...bodies.map((line) => drip(line, 'grant_type='.padEnd(200, 'x'))),
  ];
  expect(await isWell()).toBe(200);
  for (const said of await Promise.all(dripped)) expect(said).toMatch(/^HTTP\/1\.1 408 /);
  expect(await lines()).toBe(0);
});

it('ends lines that say nothing, takes no more than it has places, and is well afterwards', async () => {
  let dropped = 0;
  const drop = () => {
    dropped += 1;
  };
  server.app.server.on('drop', drop);
  const idle = await openMany(mostConnections);
  await expect.poll(lines).toBe(mostConnections);
  for (const { closed } of await openMany(100)) expect(await closed).toBe('');
  expect(dropped).toBe(100);
  server.app.server.off('drop', drop);
  for (const { closed } of idle) expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
  expect(await lines()).toBe(0);
  expect(await isWell()).toBe(200);
});

it('ends lines of which the other half is closed: unanswered in the middle of a request, answered after it', async () => {
  const broken = await openMany(20, 'GET /device/v1/trust HTTP/1.1\r\nHos');
  const whole = await openMany(20, 'GET /device/v1/trust HTTP/1.1\r\nHost: x\r\n\r\n');
  for (const { socket } of [...broken, ...whole]) socket.end();
  for (const { closed } of broken) expect(await closed).toMatch(/^HTTP\/1\.1 400 /);
  for (const { closed } of whole) expect(await closed).toMatch(/^HTTP\/1\.1 200 /);
  expect(await lines()).toBe(0);
});

it('refuses more headers than it takes, by number and by length', async () => {
  const withHeaders = async (count: number, value = '1') => {
    const more = Array.from({ length: count }, (_, index) => `x-${index}: ${value}\r\n`).join('');
    const { closed } = await open(
      `GET /device/v1/trust HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`,
    );
    return closed;
  };
  expect(await withHeaders(mostHeaders - 2)).toMatch(/^HTTP\/1\.1 200 /);
  const refused = await withHeaders(mostHeaders - 1);
  expect(refused).toMatch(/^HTTP\/1\.1 431 /);
  expect(refused).toContain(`A request has at most ${mostHeaders} headers.`);
  for (const [count, value] of [
    [10_000, '1'],
    [20, 'x'.repeat(1_000)],
  ] as const) {
    // Whoever still sends may hear that the line is closed before the answer.
    expect(await withHeaders(count, value)).toMatch(/^(HTTP\/1\.1 431 |$)/);
  }
});

it('reads no body of 100 MB, whether its length is said before or not', async () => {
  const bytes = 100 * 1024 * 1024;
  const file = 32 * 1024 * 1024;
  const piece = Buffer.alloc(256 * 1024, 'x');
  for (const [path, type] of [
    ['/api/v1/account-requests', 'application/json'],
    ['/api/v1/accounts/0193c5a0-0000-7000-8000-00000000dead/invitations', 'text/csv'],
    ['/auth/sign-in/email', 'application/json'],
    ['/oauth/token', 'application/x-www-form-urlencoded'],
    [`/scim/v2/accounts/0193c5a0-0000-7000-8000-00000000dead/Users`, 'application/scim+json'],
  ]) {
    for (const isSaid of [true, false]) {
      const { socket, closed } = await open(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n` +
          (isSaid ? `Content-Length: ${bytes}\r\n\r\n` : 'Transfer-Encoding: chunked\r\n\r\n'),
      );
      for (let sent = 0; sent < bytes && socket.writable && !socket.destroyed; sent += piece.length) {
        if (!isSaid) socket.write(`${piece.length.toString(16)}\r\n`);
        const isTaken = socket.write(piece);
        if (!isSaid) socket.write('\r\n');
        if (!isTaken) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
      }
      const said = await closed;
      const status = /^HTTP\/1\.1 (\d+)/.exec(said)?.[1] ?? 'closed';
      expect([path, isSaid, status]).toEqual([path, isSaid, expect.stringMatching(/^(4\d\d|closed)$/)]);
      // What both systems keep on the way is a few megabytes.
      expect(socket.bytesWritten).toBeLessThan((type === 'text/csv' ? file : 0) + 24 * 1024 * 1024);
    }
  }
});

it('leaves neither lines nor memory behind', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const measure = async () => {
    await expect.poll(lines, { timeout: 5_000 }).toBe(0);
    collect();
    return {
      sockets: process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length,
      heapMegabytes: process.memoryUsage().heapUsed / 2 ** 20,
    };
  };
  const wave = async () => {
    const idle = await openMany(300);
    const half = await openMany(300, `${head}Content-Length: 90\r\n\r\nx`);
    for (const { socket } of half.slice(0, 150)) socket.end();
    await Promise.all([...idle, ...half].map(({ closed }) => closed));
  };
  await wave();
  const before = await measure();
  await wave();
  const after = await measure();
  expect(after.sockets).toBeLessThanOrEqual(before.sockets);
  expect(after.heapMegabytes - before.heapMegabytes).toBeLessThan(16);
});

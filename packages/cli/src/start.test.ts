import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const main = join(import.meta.dirname, 'main.ts');
let dataFolder: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'estover-start-'));
  chmodSync(dataFolder, 0o755);
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});
afterAll(() => rmSync(dataFolder, { recursive: true, force: true }));

/** Runs the command line in a process group of its own, as a shell does. */
function estover(words: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...words], {
    env: {
      PATH: process.env.PATH,
      ESTOVER_DATA_FOLDER: dataFolder,
      ESTOVER_LOG_FORMAT: 'json',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  children.push(child);
  const [out, err]: [string[], string[]] = [[], []];
  child.stderr.setEncoding('utf8').on('data', (text: string) => void err.push(text));
  const lines = createInterface({ input: child.stdout }).on('line', (line) => void out.push(line));
  return { child, lines, out, err, ended: once(child, 'close') };
}

async function startServer() {
  const started = estover(['start', '--port', '0']);
  for await (const line of started.lines) {
    const { msg, address } = JSON.parse(line);
    if (msg === 'Estover is ready') return { ...started, address: new URL(address) };
  }
  throw new Error(`it did not start: ${started.err.join('')}`);
}

const postmasterFile = () => join(dataFolder, 'database/cluster/postmaster.pid');
const postmasterId = () => Number(readFileSync(postmasterFile(), 'utf8').split('\n')[0]);
const lives = (pid: number) => existsSync(`/proc/${pid}`);

/** Opens a connection and sends half a request: something that is under way for as long as the test likes. */
async function halfRequest(address: URL) {
  const socket = connect(Number(address.port), address.hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    'POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a"',
  );
  // A whole request on another connection is answered after the server has read the half one.
  await fetch(new URL('/healthz', address));
  return socket;
}

test('while there is no operator, a start prints a set-up link that works once, and never logs it', async () => {
  const { address, err, out } = await startServer();
  const link = /http:\S+\/set-up#(essu_\w+)/.exec(err.join(''));
  if (link === null) throw new Error(`no link in: ${err.join('')}`);
  expect(out.join('')).not.toContain(link[1]);
  const setUp = () =>
    fetch(new URL('/api/v1/setup', address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        token: link[1],
        name: 'Jonas Lind',
        email: 'jonas@fjordnet.example',
        password: 'a long enough one',
      }),
    });
  expect((await setUp()).status).toBe(201);
  expect((await setUp()).status).toBe(409);
});

test('Ctrl+C in the terminal, which reaches the whole group, stops the server and its database cleanly', async () => {
  const { child, address, ended } = await startServer();
  const database = postmasterId();
  expect(await (await fetch(new URL('/readyz', address))).json()).toEqual({ status: 'ready' });
  process.kill(-(child.pid ?? 0), 'SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(lives(database)).toBe(false);
  expect(existsSync(postmasterFile())).toBe(false);
});

test('SIGTERM while a request is under way lets it finish', async () => {
  const { child, out, address, ended } = await startServer();
  const socket = await halfRequest(address);
  child.kill('SIGTERM');
  await expect
    .poll(() =>
      fetch(new URL('/healthz', address)).then(
        () => 'served',
        () => 'refused',
      ),
    )
    .toBe('refused');
  expect(lives(postmasterId())).toBe(true);
  const answered = once(socket.setEncoding('utf8'), 'data');
  socket.write(':"b"}');
  expect(String(await answered)).toMatch(/^HTTP\/1\.1 \d{3} /);
  expect(await ended).toEqual([0, null]);
  expect(out.join('\n')).not.toContain('cutting them off');
});

test('a second signal ends it at once, the database follows by itself, and the next start is well', async () => {
  const { child, lines, address, ended } = await startServer();
  const database = postmasterId();
  const socket = await halfRequest(address);
  const told = once(lines, 'line');
  child.kill('SIGTERM');
  expect(String(await told)).toContain('a second signal stops at once');
  child.kill('SIGTERM');
  expect(await ended).toEqual([143, null]);
  socket.destroy();
  await expect.poll(() => lives(database), { timeout: 10_000 }).toBe(false);

  const again = await startServer();
  expect((await fetch(new URL('/readyz', again.address))).status).toBe(200);
});

test('what is wrong with the configuration is told without a stack, and nothing is started', async () => {
  const { err, ended } = estover(['start', '--port', 'many'], { ESTOVER_PROT: '1' });
  expect(await ended).toEqual([1, null]);
  const told = err.join('');
  expect(told).toMatch(/ESTOVER_PROT: .*expected ESTOVER_PORT, perhaps/);
  expect(told).toMatch(/--port: found "many"/);
  expect(told).not.toMatch(/\n\s+at /);
});

test('an unknown option is wrong usage', async () => {
  const { err, ended } = estover(['start', '--prot', '1']);
  expect(await ended).toEqual([2, null]);
  expect(err.join('')).toMatch(/--prot.*Usage: estover start/s);
});

test('an operator key has the form that the configuration takes', async () => {
  const { out, ended } = estover(['operator-key']);
  await ended;
  expect(out).toEqual([expect.stringMatching(/^esak_\w{55}$/)]);
});

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadConfig, newOperatorKey, withDatabase } from '@estover/server/process';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';

const main = join(import.meta.dirname, 'main.ts');
const operatorKey = newOperatorKey();
let root: string;
let endServer: () => Promise<void> = async () => {};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'estover-backup-command-'));
  chmodSync(root, 0o755);
});
afterAll(async () => {
  await endServer();
  rmSync(root, { recursive: true });
});

/** A database of another server, for the commands that are to use it instead of the data folder's. */
let databaseUrl: string | undefined;

const environment = () => ({
  PATH: process.env.PATH,
  ESTOVER_LOG_FORMAT: 'json',
  ESTOVER_OPERATOR_KEY: operatorKey,
  ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
});

/** Runs a command to its end. */
function estover(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...words], { env: environment() }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

async function startServer(dataFolder: string): Promise<string> {
  const words = [main, 'start', '--port', '0', '--data-folder', dataFolder];
  const child = spawn(process.execPath, words, { env: environment(), stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  endServer = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, address } = JSON.parse(line);
    if (msg === 'Estover is ready') return address;
  }
  throw new Error('the server did not start');
}

async function accountsAt(address: string): Promise<string[]> {
  const response = await fetch(new URL('/api/v1/accounts', address), {
    headers: { authorization: `Bearer ${operatorKey}` },
  });
  const { items } = (await response.json()) as { items: { name: string }[] };
  return items.map(({ name }) => name);
}

async function makeAccount(address: string, name: string): Promise<void> {
  const response = await fetch(new URL('/api/v1/accounts', address), {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name,
      domainIdentifier: `${name.toLowerCase()}.example`,
      administrator: { name: 'Ana Ruiz', email: `ana@${name.toLowerCase()}.example` },
    }),
  });
  expect(response.status).toBe(201);
}

test('a running server is examined and backed up; the file restores it into an empty data folder', {
  timeout: 300_000,
}, async () => {
  const first = join(root, 'first');
  const second = join(root, 'second');
  const file = join(root, 'all.estover');
  const address = await startServer(first);
  await makeAccount(address, 'Northwind');

  expect(await estover('doctor', '--data-folder', first)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Everything agrees: \d+ laws hold\.\n$/),
  });
  const made = await estover('backup', file, '--data-folder', first);
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^Wrote \d+ rows, as they were at 20/) });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await makeAccount(address, 'Southwind');

  const keyless = await estover('restore', file, '--data-folder', second);
  expect(keyless).toMatchObject({
    code: 1,
    err: expect.stringMatching(/encryption key is missing: there is no file .*encryption\.key/),
  });
  expect(existsSync(second)).toBe(false);
  mkdirSync(second, { mode: 0o700 });
  copyFileSync(join(first, 'encryption.key'), join(second, 'encryption.key'));
  const restored = await estover('restore', file, '--data-folder', second);
  expect(restored).toMatchObject({
    code: 0,
    out: expect.stringMatching(
      /^Restored the installation [0-9a-f-]{36} as it was at 20.* rows\. Its epoch is \d+ now\.\n/,
    ),
  });
  expect(await estover('restore', file, '--data-folder', second)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/holds the installation .* already/),
  });
  // Another process has the folder: its server must end first.
  expect(await estover('restore', file, '--data-folder', first, '--replace')).toMatchObject({
    code: 1,
    err: expect.stringContaining('server'),
  });
  await endServer();

  const again = await startServer(second);
  expect(await accountsAt(again)).toEqual(['Northwind']);
  await endServer();

  // The first is set back to its own backup.
  expect(await estover('restore', file, '--data-folder', first, '--replace')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Replaced the installation /),
  });
  expect(await accountsAt(await startServer(first))).toEqual(['Northwind']);
  await endServer();
});

test('the backup of a data folder is restored into a database elsewhere, and a server goes on there', {
  timeout: 300_000,
}, async () => {
  const first = join(root, 'first');
  const elsewhere = await loadConfig({ environment: {}, options: { dataFolder: join(root, 'second') } });
  await withDatabase(elsewhere, async (db, connectionString) => {
    await sql`create database moved`.execute(db);
    const url = new URL(connectionString);
    url.pathname = '/moved';
    databaseUrl = url.toString();
    try {
      const restored = await estover('restore', join(root, 'all.estover'), '--data-folder', first);
      expect(restored).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^Restored the installation [0-9a-f-]{36} as it was at 20/),
      });
      expect(await accountsAt(await startServer(first))).toEqual(['Northwind']);
      expect(
        await estover('restore', join(root, 'all.estover'), '--data-folder', first, '--replace'),
      ).toMatchObject({
        code: 1,
        err: expect.stringMatching(/other connections? uses? the database\. Stop all servers/),
      });
      expect(await estover('doctor', '--data-folder', first)).toMatchObject({ code: 0 });
    } finally {
      await endServer();
      databaseUrl = undefined;
    }
  });
});

test('the doctor says what is wrong, for people and for programs, and ends with 1', async () => {
  const dataFolder = join(root, 'first');
  const config = await loadConfig({ environment: {}, options: { dataFolder } });
  await withDatabase(config, (db) => db.updateTable('virtual_accounts').set({ depth: 4 }).execute());
  const told = await estover('doctor', '--data-folder', dataFolder);
  expect(told.code).toBe(1);
  expect(told.out).toMatch(
    /^WRONG {2}The depth of a virtual account is the length of its line, 10 at most\. account Northwind \([0-9a-f-]{36}\), virtual account Default \([0-9a-f-]{36}\): expected 1, found 4\n/,
  );
  const json = await estover('doctor', '--data-folder', dataFolder, '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    healthy: false,
    findings: [{ accountId: expect.any(String), expected: 1, found: 4 }],
  });
  expect(await estover('doctor', '--account', 'Northwind')).toMatchObject({ code: 2 });
  expect(await estover('backup')).toMatchObject({ code: 2 });
  expect(await estover('restore', 'a', 'b')).toMatchObject({ code: 2 });
});

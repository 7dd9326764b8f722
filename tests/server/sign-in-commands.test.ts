import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApiKey } from '@estover/protocol';
import { type SeededAccount, startTestServer, type TestServer } from '@estover/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLine, type TestShellOptions, wordsOf } from '../../packages/cli/src/testing/test-shell.ts';

/* How a command comes to its key, and how it is a process among others. */

let server: TestServer;
let account: SeededAccount;
let administratorKey: string;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.account('Northwind Rail');
  administratorKey = await server.keyOf(account.accountId, 'account-administrator');
  folder = mkdtempSync(join(tmpdir(), 'estover-commands-'));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const named = 'northwind-rail.example';
const estover = (line: string, options: TestShellOptions = {}) =>
  runLine(wordsOf(line), { folder, ...options });

describe('signing in', () => {
  const home = () => ({ XDG_CONFIG_HOME: join(folder, 'home') });
  const kept = () => join(folder, 'home/estover/profiles.json');

  it('asks for the key unseen, keeps it for its owner alone once the server took it, and forgets it', async () => {
    const login = await estover(`login --server ${server.address}/some/path`, {
      environment: home(),
      answers: [administratorKey],
    });
    expect(login).toMatchObject({ code: 0, err: '', asked: ['(secret) API key: '] });
    expect(login.out).toContain('Signed in as account-administrator key.');
    expect(login.screen).not.toContain(administratorKey);
    expect(statSync(kept()).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'home/estover')).mode & 0o777).toBe(0o700);

    const whoami = await estover('whoami --json', { environment: home() });
    expect(JSON.parse(whoami.out)).toMatchObject({
      kind: 'api-key',
      accounts: [{ accountId: account.accountId, roles: [{ role: 'account-administrator' }] }],
    });
    expect((await estover('whoami', { environment: home() })).out).toContain(`server    ${server.address}`);

    const second = { environment: home(), answers: [server.operatorKey] };
    expect((await estover(`login --server ${server.address} --profile op`, second)).code).toBe(0);
    expect(Object.keys(JSON.parse(readFileSync(kept(), 'utf8')))).toEqual(['default', 'op']);
    expect((await estover('accounts list --profile op', { environment: home() })).code).toBe(0);
    const byVariable = { environment: { ...home(), ESTOVER_PROFILE: 'op' } };
    expect((await estover('accounts list', byVariable)).code).toBe(0);
    expect((await estover('accounts list', { environment: home() })).code).toBe(3);

    expect((await estover('logout --profile op', { environment: home() })).code).toBe(0);
    expect(Object.keys(JSON.parse(readFileSync(kept(), 'utf8')))).toEqual(['default']);
    expect(await estover('logout --profile op', { environment: home() })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/There is no profile op\.[\s\S]*profiles\.json has: default/),
    });
  });

  it('keeps nothing of a key that the server does not take', async () => {
    const environment = { XDG_CONFIG_HOME: join(folder, 'empty') };
    const login = await estover(`login --server ${server.address}`, { environment, answers: ['esak_wrong'] });
    expect(login).toMatchObject({ code: 3, out: '' });
    expect(login.err).toMatch(/^The credentials are not valid \(sign-in-failed\)/);
    expect(readdirSync(folder)).not.toContain('empty');
    expect(await estover(`login --server ${server.address}`, { environment, answers: [''] })).toMatchObject({
      code: 3,
    });
    expect(await estover('login --server ftp://x', { environment })).toMatchObject({ code: 2 });
    expect(await estover('login', { environment })).toMatchObject({ code: 2 });
  });

  it('takes the credentials of an API client, kept or from the environment', async () => {
    const { apiKey, secret } = await account.administrator.call(createApiKey, {
      params: { accountId: account.accountId },
      body: { name: 'Back office', role: 'viewer', scope: { kind: 'account' } },
    });
    const environment = { XDG_CONFIG_HOME: join(folder, 'client') };
    const login = await estover(`login --server ${server.address} --client-id ${apiKey.apiKeyId}`, {
      environment,
      answers: [secret],
    });
    expect(login).toMatchObject({ code: 0, asked: [`(secret) Secret of ${apiKey.apiKeyId}: `] });
    expect(await estover('my-accounts list', { environment })).toMatchObject({ code: 0 });
    const variables = {
      ESTOVER_SERVER: server.address,
      ESTOVER_CLIENT_ID: apiKey.apiKeyId,
      ESTOVER_CLIENT_SECRET: secret,
    };
    expect(JSON.parse((await estover('me show --json', { environment: variables })).out).name).toBe(
      'Back office',
    );
    const wrong = { ...variables, ESTOVER_CLIENT_SECRET: 'x' };
    expect(await estover('me show', { environment: wrong })).toMatchObject({
      code: 3,
      err: expect.stringContaining('The client is unknown, or its secret is wrong or has ended.'),
    });
  });

  it('says how to sign in where nobody is, and sends kept keys nowhere else', async () => {
    const nobody = { environment: { XDG_CONFIG_HOME: join(folder, 'nobody') } };
    expect(await estover('accounts list', nobody)).toMatchObject({
      code: 3,
      err: expect.stringMatching(
        /^You are not signed in\.\nWhat to do: Sign in with estover login --server URL/,
      ),
    });
    // With a server and no key, only what is open to everybody goes.
    const open = { environment: { ...home(), ESTOVER_SERVER: server.address } };
    expect((await estover('setup show', open)).code).toBe(0);
    expect(await estover('me show', open)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^Sign in first/),
    });
    const half = { environment: { ESTOVER_API_KEY: administratorKey } };
    expect(await estover('me show', half)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^.*ESTOVER_SERVER/),
    });
  });
});

describe('a process of its own', () => {
  const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
  const started = (words: readonly string[], input = '') =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [main, ...words],
        { env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: join(folder, 'process') } },
        (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      );
      child.stdin?.end(input);
    });

  it('reads a key from the input, streams what it prints, and ends with its exit code', async () => {
    const login = await started(['login', '--server', server.address], `${administratorKey}\n`);
    expect(login).toMatchObject({ code: 0, err: '' });
    const [shown, file, refused, wrong] = await Promise.all([
      started(['accounts', 'show', named, '--json']),
      started(['events', 'download', '--account', named]),
      started(['orders', 'list']),
      started(['accounts', 'list', '--limit', 'many']),
    ]);
    expect(JSON.parse(shown.out).account.accountId).toBe(account.accountId);
    const events = file.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ operation: 'createAccount' });
    expect([shown.code, file.code, refused.code, wrong.code]).toEqual([0, 0, 3, 2]);
  });
});

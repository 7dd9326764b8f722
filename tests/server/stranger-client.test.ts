import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createToken } from '@estover/protocol';
import {
  deliver,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '@estover/server/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;
let catalog: SeededCatalog;
let token: string;

beforeAll(async () => {
  // The client has a real clock, and clocks may differ by an hour.
  server = await startTestServer({ at: Temporal.Now.instant().round('second').toString() });
  catalog = await seedCatalog(server);
  const account = await server.account();
  await deliver(server, account, { tag: catalog.security, quantity: 3 });
  const made = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
    body: { description: 'a client in another language' },
  });
  token = made.secret;
});

afterAll(() => server.close());

/** Runs a program of conformance/client to its end. */
async function run(program: string, ...given: string[]): Promise<{ exitCode: number; said: string }> {
  const path = fileURLToPath(new URL(`../../conformance/client/${program}`, import.meta.url));
  return await new Promise((resolve) => {
    execFile(process.execPath, [path, ...given], (error, stdout, stderr) => {
      const exitCode = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ exitCode, said: stdout + stderr });
    });
  });
}

it('a client written from the document alone goes through the whole life of an instance', async () => {
  const { exitCode, said } = await run('client.mjs', server.address, token, catalog.security);
  expect(said).not.toContain('not ok');
  expect(exitCode, said).toBe(0);
  expect(said.match(/^ok {2}\S+/gm)).toEqual([
    'ok  trust',
    'ok  register',
    'ok  authorize',
    'ok  repeat',
    'ok  authorize',
    'ok  renew-certificate',
    'ok  authorize',
    'ok  deregister',
    'ok  authorize',
  ]);
  const instances = await server.db.selectFrom('product_instances').select(['product_id', 'state']).execute();
  expect(instances).toEqual([{ product_id: 'EXAMPLE-CLIENT', state: 'deregistered' }]);
});

it('ends with an error for a token with a typing error', async () => {
  const changed = token.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  expect((await run('client.mjs', server.address, changed, catalog.security)).exitCode).toBe(1);
});

it('finds every conformance vector as it says', async () => {
  const { exitCode, said } = await run('check-vectors.mjs');
  expect(exitCode, said).toBe(0);
});

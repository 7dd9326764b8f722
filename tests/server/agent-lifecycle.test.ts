import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, createAgent } from '@estover/agent';
import { createToken } from '@estover/protocol';
import {
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '@estover/server/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let token: string;
const folders: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  account = await server.account();
  await deliver(server, account, { tag: catalog.security, quantity: 3 });
  const made = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
    body: { description: 'agents', expiresInDays: 365 },
  });
  token = made.secret;
});

afterAll(async () => {
  await server.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A real agent on the real line, with the server's clock. */
async function product(serialNumber: string): Promise<Agent> {
  const folder = mkdtempSync(join(tmpdir(), 'estover-lifecycle-'));
  folders.push(folder);
  return await createAgent({
    folder,
    serverUrl: server.address,
    identity: { productId: 'RT-100', serialNumber, hostName: serialNumber.toLowerCase() },
    now: () => server.clock.now(),
  });
}

it('agent and server go through a year together', async () => {
  const agent = await product('SN0001');
  await agent.request(catalog.security, 2);
  expect(agent.status().authorization.state).toBe('evaluation');
  expect(await agent.register(token)).toEqual({ done: true });
  expect(agent.status().licenses).toMatchObject([
    { count: 2, state: 'in-compliance', name: 'Branch Security' },
  ]);

  await agent.request(catalog.security, 4);
  expect(await agent.settle()).toEqual({ done: true });
  expect(agent.status().authorization.state).toBe('out-of-compliance');
  await deliver(server, account, { tag: catalog.security, quantity: 1 });
  server.clock.advance({ hours: 12 });
  expect(await agent.settle()).toEqual({ done: true });
  expect(agent.status().authorization.state).toBe('authorized');

  const { expiresAt } = agent.status().registration;
  for (let month = 0; month < 7; month += 1) {
    server.clock.advance({ days: 30 });
    expect(await agent.settle()).toEqual({ done: true });
  }
  const renewed = agent.status().registration.expiresAt;
  expect(Temporal.Instant.compare(renewed ?? '', expiresAt ?? '')).toBe(1);

  await agent.release(catalog.security);
  expect(await agent.settle()).toEqual({ done: true });
  expect(agent.status().authorization.state).toBe('no-licenses-in-use');
  expect(await agent.deregister()).toEqual({ done: true });
  await agent.stop();
});

it('the server refuses with reasons that the agent understands', async () => {
  const agent = await product('SN0002');
  const twin = await product('SN0002');
  const unknown = `${token.slice(0, -6)}`;
  await expect(agent.register(unknown)).rejects.toMatchObject({ code: 'token-malformed' });
  expect(await agent.register(token)).toEqual({ done: true });
  await expect(twin.register(token)).rejects.toMatchObject({ code: 'already-registered' });
  expect(await twin.register(token, { force: true })).toEqual({ done: true });
  expect(twin.status().registration.state).toBe('registered');
  // The earlier registration was replaced; its agent hears of it, proven, at its next contact.
  await agent.renewAuthorization();
  expect(agent.status().registration.state).toBe('unregistered');
  await agent.stop();
  await twin.stop();
});

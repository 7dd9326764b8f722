import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, createAgent } from '@estover/agent';
import { createToken, getPool, listAlerts, listEvents, transferLicenses } from '@estover/protocol';
import {
  answerOf,
  backUpServer,
  deliver,
  describeFinding,
  examine,
  type RestoredServer,
  restoreInPlaceOf,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestDevice,
  type TestServer,
  testDevice,
} from '@estover/server/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

/*
 * The installation burns down and comes back from a backup that is some changes old, at the same address, under agents
 * and a client of their own make that go on. Each test continues where the one before ended.
 */

let server: TestServer;
let second: RestoredServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let lab: string;
let limited: string;
let unlimited: string;
let folder: string;
const agents: Record<string, Agent> = {};
const notices: Record<string, string[]> = {};
/** Speaks the protocol without epochs, as clients did before there were any. */
let old: TestDevice;

async function product(name: string): Promise<Agent> {
  const agent = await createAgent({
    folder: join(folder, name),
    serverUrl: server.address,
    identity: { productId: 'RT-100', serialNumber: name },
    now: () => server.clock.now(),
  });
  const texts: string[] = [];
  agent.onChange((_, told) => texts.push(...told.map(({ text }) => text)));
  agents[name] = agent;
  notices[name] = texts;
  return agent;
}

const agentOf = (name: string): Agent => agents[name] as Agent;

async function newToken(virtualAccountId: string, maximumUses: number | null): Promise<string> {
  const { secret } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId },
    body: { description: 'agents', expiresInDays: 365, maximumUses },
  });
  return secret;
}

async function using(name: string, token: string, count: number): Promise<void> {
  const agent = await product(name);
  await agent.request(catalog.security, count);
  expect(await agent.register(token)).toEqual({ done: true });
}

async function use(name: string, count: number): Promise<void> {
  await agentOf(name).request(catalog.security, count);
  expect(await agentOf(name).settle()).toEqual({ done: true });
}

const inUse = async (): Promise<number> => {
  const { row } = await account.administrator.call(getPool, {
    params: { accountId: account.accountId, tag: catalog.security },
  });
  return row.inUse;
};

async function eventsOf(operation: string): Promise<string[]> {
  const { items } = await account.administrator.call(listEvents, {
    params: { accountId: account.accountId },
    query: { operation, limit: 200 },
  });
  return items.map(({ message }) => message);
}

const isHealthy = async (of: Pick<TestServer, 'db'>) =>
  expect((await examine(of.db)).map((finding) => describeFinding(finding))).toEqual([]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'estover-restore-'));
  server = await startTestServer();
  catalog = await seedCatalog(server);
  account = await server.account();
  lab = (await server.virtualAccounts(account, 'Lab')).Lab as string;
  await deliver(server, account, { tag: catalog.security, quantity: 20 });
  unlimited = await newToken(account.defaultVirtualAccountId, null);
  limited = await newToken(lab, 2);

  await using('reporter', unlimited, 2);
  await using('renewer', unlimited, 1);
  await using('certified', limited, 1);
  await using('leaver', unlimited, 1);
  old = await testDevice(server);
  answerOf(await old.register(unlimited));
  answerOf(await old.authorize([{ tag: catalog.security, count: 1 }]));
  const file = join(folder, 'backup.estover');
  await backUpServer(server, file);

  // What the backup does not know.
  server.clock.advance({ minutes: 30 });
  await use('reporter', 5);
  await use('reporter', 4);
  await use('renewer', 3);
  await agentOf('certified').renewCertificate();
  await use('certified', 2);
  expect(await agentOf('leaver').deregister()).toEqual({ done: true });
  await using('newcomer', limited, 2);
  await using('guest', unlimited, 1);
  answerOf(await old.authorize([{ tag: catalog.security, count: 3 }]));
  await account.administrator.call(transferLicenses, {
    params: { accountId: account.accountId },
    body: {
      fromVirtualAccountId: account.defaultVirtualAccountId,
      toVirtualAccountId: lab,
      lines: [{ tag: catalog.security, quantity: 6 }],
      reason: 'lost with the machine',
    },
  });
  expect(await inUse()).toBe(4 + 3 + 2 + 2 + 1 + 3);
  await isHealthy(server);
  server.clock.advance({ minutes: 30 });
  second = await restoreInPlaceOf(server, file);
});

afterAll(async () => {
  for (const agent of Object.values(agents)) await agent.stop();
  await second?.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

it('knows what it knew, says so, and has ended what may have been spent', async () => {
  expect(await inUse()).toBe(2 + 1 + 1 + 1 + 1);
  await isHealthy(second);
  const events = await eventsOf('restoreBackup');
  expect(events).toHaveLength(2);
  expect(events.join('\n')).toMatch(/restored the installation from its backup of 2026-11-22T12:00:00/);
  expect(events.join('\n')).toMatch(/ended the registration token .* of its 2 uses .* is not known/);
});

it('hears the whole use of an instance it knows, goes on from its sequence, and tells that it came back', async () => {
  expect(await agentOf('reporter').renewAuthorization()).toEqual({ done: true });
  expect(await inUse()).toBe(4 + 1 + 1 + 1 + 1);
  expect(notices.reporter).toContainEqual(
    expect.stringMatching(/^The server was restored from a backup \(epoch 1 -> \d+\)/),
  );
  const [came, ...more] = await eventsOf('resynchronizeProductInstance');
  expect(more).toEqual([]);
  expect(came).toMatch(/ came back after the restore, at message 4; the server knew 1$/);
  await use('reporter', 5);
  expect(await eventsOf('resynchronizeProductInstance')).toHaveLength(1);
  expect(await inUse()).toBe(5 + 1 + 1 + 1 + 1);
  await isHealthy(second);
});

it('is told the use at once by an instance that came for something else', async () => {
  expect(await agentOf('renewer').renewCertificate()).toEqual({ done: true });
  expect(await inUse()).toBe(5 + 3 + 1 + 1 + 1);
  expect(await eventsOf('resynchronizeProductInstance')).toHaveLength(2);
  await isHealthy(second);
});

it('goes on with clients that know of no epochs as if nothing had been', async () => {
  answerOf(await old.authorize([{ tag: catalog.security, count: 2 }]));
  expect(await inUse()).toBe(5 + 3 + 1 + 1 + 2);
  expect(await eventsOf('resynchronizeProductInstance')).toHaveLength(2);
});

it('proves to an instance that registered after the backup that it must register again; no token is spent twice', async () => {
  const newcomer = agentOf('newcomer');
  await newcomer.renewAuthorization();
  expect(newcomer.status().registration.state).toBe('unregistered');
  expect(notices.newcomer).toContainEqual(
    expect.stringMatching(
      /restored from a backup that does not know this registration .* Register it again with a token\.$/,
    ),
  );
  // The token had its two uses. The backup knows of one, and nobody gets a third.
  await expect(newcomer.register(limited)).rejects.toMatchObject({ code: 'token-revoked' });
  const alerts = () =>
    account.administrator.call(listAlerts, {
      params: { accountId: account.accountId },
      query: { kind: 'tokens-ended-by-restore' },
    });
  expect((await alerts()).items).toMatchObject([{ virtualAccountId: lab, quantity: 1 }]);
  const fresh = await newToken(lab, 1);
  expect((await alerts()).items).toEqual([]);
  expect(await newcomer.register(fresh)).toEqual({ done: true });

  const guest = agentOf('guest');
  await guest.renewAuthorization();
  expect(guest.status().registration.state).toBe('unregistered');
  // A token without a number of uses goes on.
  expect(await guest.register(unlimited)).toEqual({ done: true });
  expect(await inUse()).toBe(5 + 3 + 1 + 1 + 2 + 2 + 1);
  await isHealthy(second);
});

it('proves to an instance whose certificate it does not know that it must register again, with force', async () => {
  const certified = agentOf('certified');
  await certified.renewAuthorization();
  expect(certified.status().registration.state).toBe('unregistered');
  await expect(certified.register(unlimited)).rejects.toMatchObject({ code: 'already-registered' });
  expect(await certified.register(unlimited, { force: true })).toEqual({ done: true });
  expect(await inUse()).toBe(5 + 3 + 2 + 1 + 2 + 2 + 1);
  await isHealthy(second);
});

it('proves nothing to whoever does not name an earlier epoch', async () => {
  const key = old.key as NonNullable<TestDevice['key']>;
  const stranger = { ...key, instanceId: '0193c5a0-0000-7000-8000-0000000000ff' };
  old.key = stranger;
  const { epoch } = second.restored;
  for (const other of [{}, { epoch }, { epoch: epoch + 1 }]) {
    const reply = await old.authorize([], other);
    expect(reply).toMatchObject({ ok: false, problem: { code: 'instance-unknown' }, proof: undefined });
  }
  expect(await old.authorize([], { epoch: 1 })).toMatchObject({
    ok: false,
    proof: { code: 'instance-unknown', instanceId: stranger.instanceId, epoch },
  });
  old.key = { ...key, certificateSerial: '4f00' };
  expect(await old.authorize([], { epoch: 1 })).toMatchObject({
    proof: { code: 'certificate-unknown', certificateSerial: '4f00', epoch },
  });
  expect(await old.authorize([])).toMatchObject({
    problem: { code: 'certificate-unknown' },
    proof: undefined,
  });
  old.key = key;
});

it('proves nothing about a living instance to itself when somebody else asks with its message id', async () => {
  const key = old.key as NonNullable<TestDevice['key']>;
  const pending = { ...old.common(), epoch: 1, usage: [{ tag: catalog.security, count: 2 }] };
  // Whoever copied the message from the line needs no key to ask.
  old.key = { ...key, certificateSerial: '4f00' };
  const forged = old.write('authorize', pending);
  old.key = key;
  await expect(old.send('authorize', forged, pending.messageId)).rejects.toThrow(
    'not to be believed: it is for certificate 4f00',
  );
  answerOf(await old.send('authorize', old.write('authorize', pending), pending.messageId));
});

it('tells when an instance was answered in an epoch that the installation never had', async () => {
  answerOf(await old.authorize([], { epoch: second.restored.epoch + 5 }));
  const [newest] = await eventsOf('resynchronizeProductInstance');
  expect(newest).toMatch(/was set back without a restore, at message \d+; the server knew \d+$/);
});

it('counts an instance that left after the backup as the backup knows it, for it never comes again', async () => {
  // Its silence is alerted like that of any other, and after 90 days what it used is free.
  expect(await inUse()).toBe(5 + 3 + 2 + 1 + 0 + 2 + 1);
  const left = await second.db
    .selectFrom('product_instances')
    .select('state')
    .where('serial_number', '=', 'leaver')
    .execute();
  expect(left).toEqual([{ state: 'registered' }]);
  expect(agentOf('leaver').status().registration.state).toBe('unregistered');
});

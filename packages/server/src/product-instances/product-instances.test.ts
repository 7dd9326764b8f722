import {
  createToken,
  getProductInstance,
  listProductInstances,
  removeProductInstance,
  transferProductInstance,
} from '@estover/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOf,
  checkLedgerLaws,
  codeOf,
  deliver,
  refusal,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestDevice,
  type TestServer,
  testDevice,
} from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;
let catalog: SeededCatalog;
let places: Record<string, string>;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account();
  catalog = await seedCatalog(server);
  places = await server.virtualAccounts(account, 'Europe', 'Europe / Rail', 'Asia');
  await deliver(server, account, { tag: catalog.security, quantity: 3, virtualAccount: 'Europe' });
  for (const [name, virtualAccountId] of Object.entries(places)) {
    const { secret } = await account.administrator.call(createToken, {
      params: { accountId: account.accountId, virtualAccountId },
      body: {},
    });
    tokens[name] = secret;
  }
});
afterEach(async () => expect(await checkLedgerLaws(server.db)).toEqual([]));
afterAll(() => server.close());

const register = async (place: string, hostName: string, count = 0): Promise<TestDevice> => {
  const device = await testDevice(server, { hostName });
  const usage = count === 0 ? [] : [{ tag: catalog.security, count }];
  answerOf(await device.register(tokens[place] as string, { usage }));
  return device;
};
const paramsOf = (device: TestDevice) => ({
  accountId: account.accountId,
  instanceId: device.key?.instanceId ?? '',
});
const list = (query: object = {}, client = account.administrator) =>
  client.call(listProductInstances, { params: { accountId: account.accountId }, query });
const names = async (query: object = {}, client = account.administrator) =>
  (await list(query, client)).items.map((item) => item.displayName);

describe('the list of product instances', () => {
  it('filters, sorts and pages', async () => {
    const one = await register('Europe', 'list-1', 1);
    server.clock.advance({ hours: 24 * 5 });
    const two = await register('Europe / Rail', 'list-2');
    const three = await register('Asia', 'list-3', 1);
    answerOf(
      await two.authorize([
        { tag: 'unknown', count: 1 },
        { tag: catalog.encryption, count: 2 },
      ]),
    );
    expect(await names({ search: 'LIST-' })).toEqual(['list-1', 'list-2', 'list-3']);
    expect(await names({ search: one.serialNumber.toLowerCase() })).toEqual(['list-1']);
    expect(await names({ virtualAccountId: places['Europe'] })).toEqual(['list-1', 'list-2']);
    expect(await names({ virtualAccountId: places['Europe'], nested: 'false' })).toEqual(['list-1']);
    expect(await names({ tag: catalog.security })).toEqual(['list-1', 'list-3']);
    expect(await names({ authorization: 'authorized' })).toEqual(['list-1']);
    expect(await names({ authorization: 'out-of-compliance' })).toEqual(['list-2', 'list-3']);
    expect(await names({ silentForDays: 5 })).toEqual(['list-1']);
    expect(await names({ silentForDays: 6 })).toEqual([]);
    expect((await names({ search: 'list-', sort: '-lastContact' })).at(-1)).toBe('list-1');
    expect((await names({ search: 'list-', sort: 'lastContact' })).at(0)).toBe('list-1');

    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 1, sort: '-registered', ...(cursor === undefined ? {} : { cursor }) });
      expect(page.total).toBe(3);
      pages.push(...page.items.map((item) => item.displayName));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect([...pages].sort()).toEqual(['list-1', 'list-2', 'list-3']);
    expect(pages.at(-1)).toBe('list-1');
    expect(await list({ search: 'nobody' })).toEqual({ items: [], nextCursor: null, total: 0 });
    expect(await refusal(list({ cursor: 'x' }))).toMatchObject({ code: 'cursor-invalid' });
    expect(await refusal(list({ color: 'red' }))).toMatchObject({ code: 'invalid-request' });

    const { items } = await list({ search: 'list-2' });
    expect(items[0]).toMatchObject({
      virtualAccountPath: ['Europe', 'Rail'],
      state: 'registered',
      authorization: 'out-of-compliance',
      usage: [
        { tag: catalog.encryption, licenseName: 'Strong Encryption', count: 2, state: 'disabled' },
        { tag: 'unknown', licenseName: null, count: 1, state: 'invalid-tag' },
      ],
    });
    for (const device of [one, two, three]) answerOf(await device.deregister());
    expect(await names({ search: 'list-' })).toEqual([]);
    expect(await names({ state: 'deregistered', search: 'list-' })).toEqual(['list-1', 'list-2', 'list-3']);
    server.clock.set('2026-11-22T12:00:00Z');
  });

  it('shows only what the caller may see', async () => {
    const here = await register('Europe / Rail', 'seen');
    const there = await register('Asia', 'unseen');
    const scope = {
      kind: 'virtual-accounts' as const,
      virtualAccounts: [{ virtualAccountId: places['Europe'] as string, nested: true }],
    };
    const client = server.client(await server.keyOf(account.accountId, 'virtual-account-user', scope));
    expect(await names({}, client)).toEqual(['seen']);
    expect((await list({}, client)).total).toBe(1);
    expect(
      (await client.call(getProductInstance, { params: paramsOf(here) })).productInstance.displayName,
    ).toBe('seen');
    expect(await refusal(client.call(getProductInstance, { params: paramsOf(there) }))).toMatchObject({
      code: 'not-found',
    });
    expect(await refusal(client.call(removeProductInstance, { params: paramsOf(there) }))).toMatchObject({
      code: 'not-found',
    });
    const body = { toVirtualAccountId: places['Asia'] as string };
    expect(
      await refusal(client.call(transferProductInstance, { params: paramsOf(here), body })),
    ).toMatchObject({
      code: 'unknown-virtual-account',
    });
    const viewer = server.client(await server.keyOf(account.accountId, 'viewer'));
    expect(await refusal(viewer.call(removeProductInstance, { params: paramsOf(here) }))).toMatchObject({
      code: 'not-allowed',
    });
    for (const device of [here, there]) answerOf(await device.deregister());
  });
});

describe('the removal of an instance', () => {
  it('frees what it used, and the instance learns of it with a proof', async () => {
    const device = await register('Europe', 'to-remove', 4);
    const other = await register('Europe', 'to-stay', 1);
    const preview = await account.administrator.call(removeProductInstance, {
      params: paramsOf(device),
      dryRun: true,
    });
    expect(preview.effects).toMatchObject([
      {
        virtualAccountPath: ['Europe'],
        tag: catalog.security,
        before: { owned: 3, inUse: 5, balance: -2, state: 'out-of-compliance' },
        after: { owned: 3, inUse: 1, balance: 2, state: 'in-compliance' },
      },
    ]);
    expect(codeOf(await device.authorize([{ tag: catalog.security, count: 4 }]))).toBe('answered');
    const removed = await account.administrator.call(removeProductInstance, { params: paramsOf(device) });
    expect(removed.effects).toEqual(preview.effects);
    expect(removed.productInstance).toMatchObject({ state: 'removed', usage: [], nextContactBy: null });
    expect(await device.authorize([])).toMatchObject({
      status: 410,
      proof: { code: 'instance-removed', instanceId: device.key?.instanceId },
    });
    expect(await device.renew()).toMatchObject({ status: 410, proof: { code: 'instance-removed' } });
    expect(
      await refusal(account.administrator.call(removeProductInstance, { params: paramsOf(device) })),
    ).toMatchObject({ code: 'instance-not-registered', state: 'removed' });
    const { events, usageChanges } = await account.administrator.call(getProductInstance, {
      params: paramsOf(device),
    });
    expect(events.map((event) => event.operation)).toEqual([
      'removeProductInstance',
      'registerProductInstance',
    ]);
    expect(usageChanges.map(({ from, to, reason }) => [from, to, reason])).toEqual([
      [4, 0, 'removed'],
      [0, 4, 'registered'],
    ]);
    answerOf(await other.deregister());
  });

  it('at the same moment as its reports leaves nothing in use', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => register('Europe', `race-${index}`, 1)),
    );
    const replies = await Promise.all(
      all.flatMap((device, index) => [
        device.authorize([{ tag: catalog.security, count: 2 + index }]),
        account.administrator.call(removeProductInstance, { params: paramsOf(device) }),
        device.authorize([{ tag: catalog.security, count: 3 + index }]),
      ]),
    );
    for (const reply of replies) {
      if ('status' in reply) expect(['answered', 'instance-removed']).toContain(codeOf(reply));
    }
    const rows = await server.db.selectFrom('instance_usage').selectAll().execute();
    expect(rows).toEqual([]);
    const pools = await server.db.selectFrom('pools').select('in_use').execute();
    expect(pools.reduce((sum, pool) => sum + pool.in_use, 0)).toBe(0);
  });
});

describe('the move of an instance', () => {
  it('takes its use along, and tells who becomes short', async () => {
    const device = await register('Europe', 'to-move', 2);
    const body = { toVirtualAccountId: places['Asia'] as string };
    const preview = await account.administrator.call(transferProductInstance, {
      params: paramsOf(device),
      body,
      dryRun: true,
    });
    const moved = await account.administrator.call(transferProductInstance, {
      params: paramsOf(device),
      body,
    });
    expect(moved.effects).toEqual(preview.effects);
    expect(moved.productInstance).toMatchObject({
      virtualAccountPath: ['Asia'],
      authorization: 'out-of-compliance',
      usage: [{ tag: catalog.security, count: 2, state: 'out-of-compliance' }],
    });
    const byPlace = new Map(moved.effects.map((effect) => [effect.virtualAccountPath.join(' / '), effect]));
    expect(byPlace.get('Europe')).toMatchObject({
      before: { inUse: 2 },
      after: { inUse: 0, state: 'in-compliance' },
    });
    expect(byPlace.get('Asia')).toMatchObject({
      before: { inUse: 0, state: 'in-compliance' },
      after: { inUse: 2, balance: -2, state: 'out-of-compliance' },
    });
    expect(byPlace.get('Asia')?.fixes[0]).toMatchObject({ kind: 'transfer' });
    const answer = answerOf(await device.authorize([{ tag: catalog.security, count: 2 }]));
    expect(answer.authorization.state).toBe('out-of-compliance');
    expect(
      await refusal(account.administrator.call(transferProductInstance, { params: paramsOf(device), body })),
    ).toMatchObject({ code: 'same-virtual-account' });
    answerOf(await device.deregister());
    const back = { toVirtualAccountId: places['Europe'] as string };
    expect(
      await refusal(
        account.administrator.call(transferProductInstance, { params: paramsOf(device), body: back }),
      ),
    ).toMatchObject({ code: 'instance-not-registered', state: 'deregistered' });
  });

  it('back and forth at the same moment as its reports keeps the counts exact', async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, index) => register('Europe', `swing-${index}`, 1)),
    );
    const moves = await Promise.allSettled(
      all.flatMap((device, index) => [
        device.authorize([{ tag: catalog.security, count: index + 1 }]),
        ...['Asia', 'Europe / Rail'].map((place) =>
          account.administrator.call(transferProductInstance, {
            params: paramsOf(device),
            body: { toVirtualAccountId: places[place] as string },
          }),
        ),
        device.authorize([{ tag: catalog.security, count: index + 2 }]),
      ]),
    );
    expect(moves.filter((move) => move.status === 'rejected')).toEqual([]);
    expect(await checkLedgerLaws(server.db)).toEqual([]);
    const { items } = await list({ search: 'swing-' });
    expect(items).toHaveLength(10);
    for (const device of all) answerOf(await device.deregister());
  });
});

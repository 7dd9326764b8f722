import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import {
  type Client,
  createOrder,
  createToken,
  createVirtualAccount,
  deleteVirtualAccount,
  getMe,
  getOrder,
  grantRole,
  listInventory,
  listTokens,
  listVirtualAccounts,
  moveVirtualAccount,
  shipOrder,
  transferLicenses,
  updateAccount,
  updateVirtualAccount,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  checkLedgerLaws,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';

let server: TestServer;
let catalog: SeededCatalog;
let seeded: SeededAccount;
let accountId: string;
let administrator: Client;
let ids: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  seeded = await server.account(`Tree ${randomUUIDv7()}`);
  ({ accountId, administrator } = seeded);
  ids = await server.virtualAccounts(seeded, 'Europe / Berlin / Mitte', 'Europe / Paris', 'Asia / Tokyo');
});

const refused = (code: string) => ({ problem: expect.objectContaining({ code }) });
const id = (path: string): string => ids[path] as string;
const at = (path: string, nested = true): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: id(path), nested }],
});
const keyClient = async (role: AccountRole, scope: GrantScope) =>
  server.client(await server.keyOf(accountId, role, scope));
const move = (client: Client, path: string, to: string | null, dryRun = false) =>
  client.call(moveVirtualAccount, {
    params: { accountId, virtualAccountId: id(path) },
    body: { parentId: to === null ? null : id(to) },
    dryRun,
  });
const remove = (client: Client, path: string, to?: string, dryRun = false) =>
  client.call(deleteVirtualAccount, {
    params: { accountId, virtualAccountId: id(path) },
    query: to === undefined ? {} : { contentsTo: id(to) },
    dryRun,
  });
const change = (
  client: Client,
  body: {
    name?: string;
    description?: string;
    accessLevel?: 'restricted' | 'unrestricted';
    isDefault?: true;
  },
  path: string,
) => client.call(updateVirtualAccount, { params: { accountId, virtualAccountId: id(path) }, body });
const paths = async (client: Client = administrator): Promise<string[]> => {
  const { items } = await client.call(listVirtualAccounts, { params: { accountId } });
  return items.map(({ path }) => path.join(' / '));
};

/** What the ancestry must be, worked out anew from the parents; differences to what is kept. */
async function checkTree(): Promise<unknown[]> {
  const { rows } = await sql`
    with recursive lines as (
      select account_id, virtual_account_id as ancestor_id, virtual_account_id as descendant_id, 0 as distance
        from virtual_accounts where deleted_at is null
      union all
      select l.account_id, v.parent_id, l.descendant_id, l.distance + 1
        from lines l join virtual_accounts v on v.account_id = l.account_id and v.virtual_account_id = l.ancestor_id
       where v.parent_id is not null and l.distance < 50
    ), kept as (select account_id, ancestor_id, descendant_id, distance::int from virtual_account_ancestry)
    (select 'missing' as what, * from (select * from lines except select * from kept) m)
    union all (select 'wrong', * from (select * from kept except select * from lines) w)
    union all
    (select 'depth', v.account_id, null, v.virtual_account_id, v.depth from virtual_accounts v
      where v.deleted_at is null and v.depth <> 1 + (select max(distance) from lines l
        where l.account_id = v.account_id and l.descendant_id = v.virtual_account_id))`.execute(server.db);
  return rows;
}

it('renames, describes, opens, and makes another one the default', async () => {
  const { virtualAccount } = await change(
    administrator,
    { name: 'Deutschland', description: 'All of it', accessLevel: 'unrestricted', isDefault: true },
    'Europe / Berlin',
  );
  expect(virtualAccount).toMatchObject({
    path: ['Europe', 'Deutschland'],
    isDefault: true,
    children: 1,
    depth: 2,
  });
  const { items } = await administrator.call(listVirtualAccounts, { params: { accountId } });
  expect(items.filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual(['Deutschland']);
  expect(items.map(({ path }) => path.join(' / '))).toContain('Europe / Deutschland / Mitte');
  await expect(change(administrator, { accessLevel: 'restricted' }, 'Europe / Berlin')).rejects.toMatchObject(
    refused('default-virtual-account'),
  );
  await expect(change(administrator, { isDefault: true }, 'Asia')).rejects.toMatchObject(
    refused('default-virtual-account'),
  );
  await expect(change(administrator, { name: 'PARIS' }, 'Europe / Berlin')).rejects.toMatchObject(
    refused('name-taken'),
  );
  await expect(change(administrator, { name: 'EUROPE' }, 'Europe')).resolves.toBeDefined();
  await expect(change(administrator, {}, 'Asia')).rejects.toMatchObject(refused('nothing-to-do'));
  const own = await keyClient('virtual-account-administrator', at('Asia'));
  await expect(change(own, { isDefault: true, accessLevel: 'unrestricted' }, 'Asia')).rejects.toMatchObject(
    refused('not-allowed'),
  );
  const berlin = await keyClient('virtual-account-administrator', at('Europe / Berlin'));
  await expect(change(berlin, { name: 'X' }, 'Europe / Berlin')).rejects.toMatchObject(
    refused('not-allowed'),
  );
});

it('changes an account’s name and policy', async () => {
  const call = (body: { name?: string; sequencePolicy?: 'flag' | 'refuse' }) =>
    administrator.call(updateAccount, { params: { accountId }, body });
  expect((await call({ sequencePolicy: 'refuse' })).account).toMatchObject({ sequencePolicy: 'refuse' });
  await expect(call({ sequencePolicy: 'refuse' })).rejects.toMatchObject(refused('nothing-to-do'));
  const user = await keyClient('account-user', { kind: 'account' });
  await expect(
    user.call(updateAccount, { params: { accountId }, body: { name: 'X' } }),
  ).rejects.toMatchObject(refused('not-allowed'));
});

it('moves a virtual account with all in it, and tells who gains and who loses access', async () => {
  const give = (email: string, role: AccountRole, scope: GrantScope) =>
    administrator.call(grantRole, { params: { accountId }, body: { email, role, scope } });
  await give('eva@x.example', 'virtual-account-administrator', at('Europe'));
  await give('tom@x.example', 'virtual-account-user', at('Asia'));
  await give('alone@x.example', 'virtual-account-user', at('Asia', false));
  await give('both@x.example', 'viewer', at('Europe'));
  await give('both@x.example', 'viewer', at('Asia'));
  await give('own@x.example', 'viewer', at('Europe'));
  await give('own@x.example', 'viewer', at('Europe / Berlin', false));

  const preview = await move(administrator, 'Europe / Berlin', 'Asia', true);
  expect(preview.gain).toMatchObject([{ email: 'tom@x.example', roles: ['virtual-account-user'] }]);
  expect(preview.lose).toMatchObject([
    { email: 'eva@x.example', roles: ['virtual-account-administrator'] },
    // Keeps Berlin by its own name, and loses what is nested in it.
    { email: 'own@x.example', roles: ['viewer'] },
  ]);
  expect(await paths()).toContain('Europe / Berlin / Mitte');

  const moved = await move(administrator, 'Europe / Berlin', 'Asia');
  expect(moved).toEqual(preview);
  expect(moved.virtualAccount).toMatchObject({ path: ['Asia', 'Berlin'], depth: 2 });
  expect(await paths()).toEqual([
    'Asia',
    'Asia / Berlin',
    'Asia / Berlin / Mitte',
    'Asia / Tokyo',
    'Default',
    'Europe',
    'Europe / Paris',
  ]);
  expect(await checkTree()).toEqual([]);
  await move(administrator, 'Europe / Berlin / Mitte', null);
  expect(await paths()).toContain('Mitte');
  expect(await checkTree()).toEqual([]);
  await expect(move(administrator, 'Europe / Berlin / Mitte', null)).rejects.toMatchObject(
    refused('nothing-to-do'),
  );
});

it('refuses a move into itself, too deep, beside its name, or to what is not there', async () => {
  await expect(move(administrator, 'Europe', 'Europe')).rejects.toMatchObject(refused('nested-in-itself'));
  await expect(move(administrator, 'Europe', 'Europe / Berlin / Mitte')).rejects.toMatchObject(
    refused('nested-in-itself'),
  );
  const deep = await server.virtualAccounts(seeded, '1 / 2 / 3 / 4 / 5 / 6 / 7 / 8');
  Object.assign(ids, deep, await server.virtualAccounts(seeded, 'North / paris'));
  await expect(move(administrator, 'Europe', '1 / 2 / 3 / 4 / 5 / 6 / 7 / 8')).rejects.toMatchObject({
    problem: expect.objectContaining({ code: 'nested-too-deep', depth: 11 }),
  });
  await expect(move(administrator, 'North / paris', 'Europe')).rejects.toMatchObject(refused('name-taken'));
  ids['gone'] = randomUUIDv7();
  await expect(move(administrator, 'Europe', 'gone')).rejects.toMatchObject(
    refused('unknown-virtual-account'),
  );
  await expect(move(administrator, 'gone', 'Europe')).rejects.toMatchObject(refused('not-found'));
});

it('a virtual account administrator moves only what they manage, to where they may nest', async () => {
  const europe = await keyClient('virtual-account-administrator', at('Europe'));
  await move(europe, 'Europe / Berlin / Mitte', 'Europe / Paris');
  await expect(move(europe, 'Europe / Paris', null)).rejects.toMatchObject(refused('not-allowed'));
  await expect(move(europe, 'Europe / Paris', 'Asia')).rejects.toMatchObject(
    refused('unknown-virtual-account'),
  );
  await expect(move(europe, 'Asia / Tokyo', 'Europe')).rejects.toMatchObject(refused('not-found'));
  const both = await keyClient('virtual-account-administrator', {
    kind: 'virtual-accounts',
    virtualAccounts: [
      { virtualAccountId: id('Europe / Paris'), nested: false },
      { virtualAccountId: id('Asia'), nested: true },
    ],
  });
  // Paris alone is not all of what would come along.
  await expect(move(both, 'Europe / Paris', 'Asia')).rejects.toMatchObject(refused('not-allowed'));
});

it('authority follows the virtual account, never a name or a prefix of one', async () => {
  Object.assign(ids, await server.virtualAccounts(seeded, 'eu / lab', 'eu-west / lab', 'eu / eu'));
  const key = await server.keyOf(accountId, 'virtual-account-administrator', at('eu / lab'));
  const client = server.client(key);
  expect(await paths(client)).toEqual(['eu / lab']);
  await move(administrator, 'eu / lab', null);
  await move(administrator, 'eu-west / lab', 'eu');
  expect(await paths(client)).toEqual(['lab']);
  await expect(change(client, { name: 'X' }, 'eu-west / lab')).rejects.toMatchObject(refused('not-found'));
  await change(client, { name: 'eu-lab' }, 'eu / lab');
  expect(await paths(client)).toEqual(['eu-lab']);
});

it('lets exactly one of two moves through that together would make a circle', async () => {
  for (let round = 0; round < 5; round++) {
    const results = await Promise.allSettled([
      move(administrator, 'Europe', 'Asia / Tokyo'),
      move(administrator, 'Asia', 'Europe / Paris'),
    ]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = results.find((result) => result.status === 'rejected');
    expect(lost?.reason).toMatchObject(refused('nested-in-itself'));
    expect(await checkTree()).toEqual([]);
    await move(administrator, results[0].status === 'fulfilled' ? 'Europe' : 'Asia', null);
  }
});

it('keeps ten levels and sibling names while many move, make and delete at once', async () => {
  const chain = '1 / 2 / 3 / 4 / 5 / 6';
  Object.assign(
    ids,
    await server.virtualAccounts(seeded, chain, 'a / b / c / d', 'Lab', 'North / Lab', 'South / Lab'),
  );
  const refusals = new Set([
    'nested-too-deep',
    'nested-in-itself',
    'name-taken',
    'nothing-to-do',
    'unknown-virtual-account',
    'not-found',
    'virtual-account-not-empty',
  ]);
  const work: (() => Promise<unknown>)[] = Array.from({ length: 12 }, (_, index) => [
    () => move(administrator, 'a', index % 2 ? chain : '1 / 2 / 3'),
    () => move(administrator, '1 / 2', index % 2 ? 'a / b / c / d' : null),
    () => move(administrator, 'North / Lab', index % 2 ? null : 'South'),
    () => move(administrator, 'Lab', index % 2 ? 'North' : 'South'),
    () => remove(administrator, '1 / 2 / 3 / 4', 'a / b'),
    () =>
      administrator.call(createVirtualAccount, {
        params: { accountId },
        body: { name: 'Lab', parentId: id('North') },
      }),
  ]).flat();
  const results = await Promise.allSettled(work.map((each) => each()));
  for (const result of results) {
    if (result.status === 'rejected') expect(refusals).toContain(result.reason.problem?.code);
  }
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(2);
  expect(await checkTree()).toEqual([]);
  const { items } = await administrator.call(listVirtualAccounts, { params: { accountId } });
  expect(Math.max(...items.map(({ depth }) => depth))).toBeLessThanOrEqual(10);
  const names = items.map(({ parentId, name }) => `${parentId} ${name.toLowerCase()}`);
  expect(new Set(names).size).toBe(names.length);
});

it('deletes an empty one; its name is free again and its path stays in the past', async () => {
  await remove(administrator, 'Europe / Paris');
  expect(await paths()).not.toContain('Europe / Paris');
  await expect(remove(administrator, 'Europe / Paris')).rejects.toMatchObject(refused('not-found'));
  await administrator.call(createVirtualAccount, {
    params: { accountId },
    body: { name: 'Paris', parentId: id('Europe') },
  });
  const { rows } = await sql<{ path: string[] }>`
    select virtual_account_path(${accountId}, ${id('Europe / Paris')}) as path`.execute(server.db);
  expect(rows[0]?.path).toEqual(['Europe', 'Paris']);
  expect(await checkTree()).toEqual([]);
});

it('refuses to delete what is not empty, and tells what is in it', async () => {
  await deliver(server, seeded, { tag: catalog.security, quantity: 7, virtualAccount: 'Europe / Berlin' });
  await expect(remove(administrator, 'Europe / Berlin')).rejects.toMatchObject({
    problem: expect.objectContaining({
      code: 'virtual-account-not-empty',
      detail: 'Europe / Berlin holds 7 licenses, 1 nested virtual accounts.',
      contents: { licenses: 7, productInstances: 0, tokens: 0, openOrderLines: 0, children: 1 },
    }),
  });
  ids['Default'] = seeded.defaultVirtualAccountId;
  await expect(remove(administrator, 'Default', 'Asia')).rejects.toMatchObject(
    refused('default-virtual-account'),
  );
  await expect(remove(administrator, 'Europe', 'Europe / Berlin')).rejects.toMatchObject(
    refused('nested-in-itself'),
  );
  await expect(remove(administrator, 'Europe', 'Europe')).rejects.toMatchObject(refused('nested-in-itself'));
});

it('sends everything it held elsewhere in the same step', async () => {
  const { sku } = await deliver(server, seeded, {
    tag: catalog.security,
    quantity: 7,
    virtualAccount: 'Europe / Berlin',
  });
  await useLicenses(server, {
    accountId,
    virtualAccountId: id('Europe / Berlin'),
    counts: { [catalog.security]: 3 },
  });
  const { token } = await administrator.call(createToken, {
    params: { accountId, virtualAccountId: id('Europe / Berlin') },
    body: { description: 'Rollout' },
  });
  const orderNumber = randomUUIDv7();
  await server.operator.call(createOrder, {
    body: {
      orderNumber,
      buyer: 'Buyer',
      lines: [{ sku, quantity: 2, account: accountId, virtualAccount: 'Europe / Berlin', state: 'booked' }],
    },
  });
  const expected = {
    licenses: 7,
    productInstances: 1,
    children: 1,
    tokens: 0,
    tokensRevoked: 1,
    deliveryRules: 0,
    deliveryRulesRemoved: 0,
  };
  expect((await remove(administrator, 'Europe / Berlin', 'Asia', true)).moved).toEqual(expected);
  expect(await paths()).toContain('Europe / Berlin');
  expect((await remove(administrator, 'Europe / Berlin', 'Asia')).moved).toEqual(expected);

  expect(await paths()).toEqual([
    'Asia',
    'Asia / Mitte',
    'Asia / Tokyo',
    'Default',
    'Europe',
    'Europe / Paris',
  ]);
  const { items } = await administrator.call(listInventory, {
    params: { accountId },
    query: { virtualAccountId: id('Asia') },
  });
  expect(items).toMatchObject([{ tag: catalog.security, owned: 7, inUse: 3, balance: 4 }]);
  const tokens = await administrator.call(listTokens, { params: { accountId } });
  expect(
    tokens.items.filter(({ tokenId, state }) => tokenId === token.tokenId && state === 'active'),
  ).toEqual([]);
  await server.operator.call(shipOrder, { params: { orderNumber }, body: {} });
  const shipped = await server.operator.call(getOrder, { params: { orderNumber } });
  expect(JSON.stringify(shipped)).toContain(id('Asia'));
  expect(await checkTree()).toEqual([]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('ends grants and keys that reached only there, and never widens one', async () => {
  const scope: GrantScope = {
    kind: 'virtual-accounts',
    virtualAccounts: [
      { virtualAccountId: id('Europe / Paris'), nested: true },
      { virtualAccountId: id('Asia'), nested: false },
    ],
  };
  const only = await server.keyOf(accountId, 'viewer', at('Europe / Paris'));
  const both = await server.keyOf(accountId, 'viewer', scope);
  const give = (grantScope: GrantScope) =>
    administrator.call(grantRole, {
      params: { accountId },
      body: { email: `${randomUUIDv7()}@x.example`, role: 'viewer', scope: grantScope },
    });
  const gone = await give(at('Europe / Paris'));
  const kept = await give(scope);
  await remove(administrator, 'Europe / Paris');
  await expect(server.client(only).call(getMe, {})).rejects.toMatchObject(refused('sign-in-failed'));
  expect((await server.client(both).call(getMe, {})).accounts[0]?.roles).toEqual([
    { role: 'viewer', scope: at('Asia', false) },
  ]);
  const left = await server.db
    .selectFrom('grants')
    .select('grant_id as id')
    .where('grant_id', 'in', [gone.grant.grantId, kept.grant.grantId])
    .execute();
  expect(left.map((row) => row.id)).toEqual([kept.grant.grantId]);
});

it('loses no license to a virtual account that is deleted while licenses come', async () => {
  await deliver(server, seeded, { tag: catalog.security, quantity: 100, virtualAccount: 'Asia' });
  const transfer = () =>
    administrator.call(transferLicenses, {
      params: { accountId },
      body: {
        fromVirtualAccountId: id('Asia'),
        toVirtualAccountId: id('Europe / Paris'),
        lines: [{ tag: catalog.security, quantity: 1 }],
      },
    });
  const results = await Promise.allSettled([
    ...Array.from({ length: 10 }, transfer),
    remove(administrator, 'Europe / Paris', 'Asia / Tokyo'),
    ...Array.from({ length: 10 }, transfer),
  ]);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject(refused('unknown-virtual-account'));
  }
  const { items } = await administrator.call(listInventory, { params: { accountId } });
  expect(items.reduce((sum, { owned }) => sum + owned, 0)).toBe(100);
  expect(items.map(({ virtualAccountPath }) => virtualAccountPath.join(' / '))).not.toContain(
    'Europe / Paris',
  );
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('sums what each holds alone and with everything nested', async () => {
  await deliver(server, seeded, { tag: catalog.security, quantity: 10, virtualAccount: 'Europe' });
  await deliver(server, seeded, {
    tag: catalog.security,
    quantity: 5,
    virtualAccount: 'Europe / Berlin / Mitte',
    term: { kind: 'term', months: 1 },
  });
  await useLicenses(server, {
    accountId,
    virtualAccountId: id('Europe / Berlin'),
    counts: { [catalog.security]: 4 },
  });
  const { items } = await administrator.call(listVirtualAccounts, {
    params: { accountId },
    query: { rollUp: true },
  });
  const of = (path: string) => items.find((item) => item.path.join(' / ') === path);
  expect(of('Europe')).toMatchObject({
    own: { owned: 10, inUse: 0, balance: 10, short: 0, pools: 1, endingWithin90Days: 0, productInstances: 0 },
    nested: {
      owned: 15,
      inUse: 4,
      balance: 11,
      short: 4,
      pools: 3,
      poolsShort: 1,
      endingWithin90Days: 5,
      productInstances: 1,
    },
  });
  expect(of('Asia')).toMatchObject({ own: { owned: 0 }, nested: { owned: 0, pools: 0 } });
  const berlin = await keyClient('viewer', at('Europe / Berlin', false));
  const seen = await berlin.call(listVirtualAccounts, { params: { accountId }, query: { rollUp: true } });
  // What is nested is not theirs to see, so it is not in their sums.
  expect(seen.items).toMatchObject([{ own: { inUse: 4, owned: 0 }, nested: { inUse: 4, owned: 0 } }]);
});

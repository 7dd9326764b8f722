import { randomUUIDv7 } from 'node:crypto';
import { type AccountRole, type GrantScope, isPartner } from '@estover/domain/access';
import {
  acceptInvitation,
  addToGroup,
  type Client,
  createApiKey,
  createGroup,
  createToken,
  downloadEventChain,
  explainAccess,
  getMe,
  getOverview,
  getPool,
  grantRole,
  limitToSeller,
  listAccountOrders,
  listAlerts,
  listApiKeys,
  listEvents,
  listInventory,
  listMovements,
  listPeople,
  listProductInstances,
  listSellers,
  listVirtualAccounts,
  transferLicenses,
  updateVirtualAccount,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createBrowser,
  deliver,
  refusal,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestBrowser,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';
import { isPartnerSql } from './partners.ts';

let server: TestServer;
let account: SeededAccount;
let params: { accountId: string };
let catalog: SeededCatalog;
/** Europe / Berlin, Asia. */
let ids: Record<string, string>;

const whole: GrantScope = { kind: 'account' };
const at = (name: string, nested = true): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId: ids[name] as string, nested }],
});

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  account = await server.account('Customer');
  params = { accountId: account.accountId };
  ids = await server.virtualAccounts(account, 'Europe / Berlin', 'Asia');
  const give = (buyer: string, quantity: number, virtualAccount: string) =>
    deliver(server, account, { tag: catalog.security, quantity, virtualAccount, buyer });
  await give('Partner Networks', 5, 'Europe / Berlin');
  await give(' partner NETWORKS', 3, 'Asia');
  await give('Somebody else', 40, 'Europe / Berlin');
  await give('Somebody else', 7, 'Asia');
  await account.administrator.call(transferLicenses, {
    params,
    body: {
      fromVirtualAccountId: ids['Europe / Berlin'] as string,
      toVirtualAccountId: ids['Asia'] as string,
      lines: [{ tag: catalog.security, quantity: 2 }],
    },
  });
  await useLicenses(server, {
    ...params,
    virtualAccountId: ids['Asia'] as string,
    counts: { [catalog.security]: 60, [catalog.encryption]: 1 },
  });
});
afterAll(() => server.close());

interface Partner {
  personId: string;
  email: string;
  client: Client;
  browser: TestBrowser;
}

const password = 'correct horse battery';
async function partner(
  role: AccountRole = 'account-user',
  scope = whole,
  more: { soldBy?: string; email?: string; of?: SeededAccount } = {},
): Promise<Partner> {
  server.clock.advance({ minutes: 30 });
  const { soldBy, email = `${randomUUIDv7()}@partner.example`, of = account } = more;
  const { personId, invitationLink } = await of.administrator.call(grantRole, {
    params: { accountId: of.accountId },
    body: { email, role, scope, ...(soldBy === undefined ? {} : { soldBy }) },
  });
  await server
    .client()
    .call(acceptInvitation, { body: { token: invitationLink ?? '', name: 'Pia Partner', password } });
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password });
  return { personId, email, client: browser.client, browser };
}
const limit = (personId: string, soldBy: string | null, by = account.administrator) =>
  by.call(limitToSeller, { params: { ...params, personId }, body: { soldBy } });
const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;

describe('partners', () => {
  it('are told apart by the mail domain, in SQL as in the rule', async () => {
    const cases = [
      ['customer.example', 'a@customer.example'],
      ['lab.customer.example', 'a@customer.example'],
      ['customer.example', 'a@lab.customer.example'],
      ['customer.example', 'a@other-customer.example'],
      ['other-customer.example', 'a@customer.example'],
      ['ana@gmail.com', 'ana@gmail.com'],
      ['ana@gmail.com', 'bo@gmail.com'],
      ['customer.example', '"a@customer.example"@evil.example'],
    ] as const;
    const told = await Promise.all(
      cases.map(async ([identifier, email]) => {
        const { rows } = await sql<{ partner: boolean }>`
          select ${isPartnerSql(sql`${identifier}::text`, sql`${email}::text`)} as partner`.execute(
          server.db,
        );
        return rows[0]?.partner;
      }),
    );
    expect(told).toEqual(cases.map(([identifier, email]) => isPartner(identifier, email)));
    expect(told).toEqual([false, false, true, true, true, false, true, true]);
  });

  it('are marked in the list of people, and found by it', async () => {
    const { email } = await partner('viewer');
    const ours = await partner('viewer', whole, { email: `${randomUUIDv7()}@customer.example` });
    const listed = async (query: { partner?: boolean }) =>
      (await account.administrator.call(listPeople, { params, query })).items.map((each) => [
        each.email,
        each.partner,
      ]);
    expect(await listed({})).toEqual(
      expect.arrayContaining([
        [email, true],
        [ours.email, false],
      ]),
    );
    expect(await listed({ partner: false })).toEqual([[ours.email, false]]);
    expect(await listed({ partner: true })).not.toContainEqual([ours.email, false]);
  });

  it('see no restricted name above what they were granted, and others do', async () => {
    const theirs = await partner('viewer', at('Europe / Berlin'));
    const ours = await partner('viewer', at('Europe / Berlin'), {
      email: `${randomUUIDv7()}@customer.example`,
    });
    const paths = async ({ client }: Partner) => {
      const tree = await client.call(listVirtualAccounts, { params });
      const inventory = await client.call(listInventory, { params, query: { by: 'pool' } });
      const levels = await client.call(listVirtualAccounts, { params, query: { levels: 2 } });
      return new Set([
        ...[...tree.items, ...levels.items].map(({ path }) => path.join(' / ')),
        ...inventory.items.map(({ virtualAccountPath }) => virtualAccountPath.join(' / ')),
      ]);
    };
    expect(await paths(theirs)).toEqual(new Set(['… / Berlin']));
    expect(await paths(ours)).toEqual(new Set(['Europe / Berlin']));
    const open = (accessLevel: 'restricted' | 'unrestricted') =>
      account.administrator.call(updateVirtualAccount, {
        params: { ...params, virtualAccountId: ids['Europe'] as string },
        body: { accessLevel },
      });
    await open('unrestricted');
    expect(await paths(theirs)).toEqual(new Set(['Europe / Berlin']));
    await open('restricted');
    // What the transaction of one request hides, the next one on the connection does not.
    expect(await paths(ours)).toEqual(new Set(['Europe / Berlin']));
  });
});

describe('a limit to the lots of a seller', () => {
  it('shows these lots alone: in pools, sums, lots, movements, orders, alerts, reports and events', async () => {
    const { client, browser } = await partner('account-user', whole, { soldBy: 'PARTNER networks' });
    const { items, total } = await client.call(listInventory, { params, query: { by: 'pool' } });
    expect(total).toBe(2);
    expect(
      items.map(({ virtualAccountPath, owned, inUse, balance, state }) => [
        virtualAccountPath.join(' / '),
        owned,
        inUse,
        balance,
        state,
      ]),
    ).toEqual([
      ['Asia', 8 - 3, 0, 8 - 3, 'in-compliance'],
      ['Europe / Berlin', 3, 0, 3, 'in-compliance'],
    ]);
    const { totals, counts, licenses } = await client.call(getOverview, { params });
    expect([totals.owned, totals.inUse, totals.short, totals.productInstances]).toEqual([8, 0, 0, 0]);
    expect(counts).toMatchObject({ licenses: 1, productInstances: 0, orders: 2, tokens: 0 });
    expect(licenses).toMatchObject([{ owned: 8, inUse: 0, short: 0 }]);
    const pool = await client.call(getPool, { params: { ...params, tag: catalog.security } });
    expect(pool.lots.map(({ available }) => available).sort()).toEqual([2, 3, 3]);
    expect([pool.usedByTotal, pool.short]).toEqual([0, []]);
    const movements = await client.call(listMovements, { params });
    const moved = movements.items.flatMap(({ entries }) => entries.map(({ delta }) => delta));
    expect(Math.max(...moved.map(Math.abs))).toBeLessThanOrEqual(5);
    const orders = await client.call(listAccountOrders, { params });
    expect(new Set(orders.items.map(({ buyer }) => buyer.trim().toLowerCase()))).toEqual(
      new Set(['partner networks']),
    );
    expect((await client.call(listAlerts, { params })).counts).toEqual({
      major: 0,
      minor: 0,
      informational: 0,
    });
    const events = await client.call(listEvents, { params });
    expect(new Set(events.items.map(({ objectKind }) => objectKind))).toEqual(new Set(['order', 'movement']));
    const report = await browser.request(
      'GET',
      `/api/v1/accounts/${params.accountId}/reports/licenses?format=csv`,
    );
    const text = await report.text();
    expect(text.trim().split('\n')).toHaveLength(3);
    expect(text).not.toContain('Encryption');
    const tree = await client.call(listVirtualAccounts, { params, query: { rollUp: true } });
    expect(tree.items.map(({ name, own }) => [name, own?.owned])).toEqual(
      expect.arrayContaining([
        ['Asia', 5],
        ['Berlin', 3],
        ['Europe', 0],
      ]),
    );
  });

  it('tells no event whose sentence has figures of other lots, and cuts the movement', async () => {
    const mixed = await server.account('Mixed');
    const params = { accountId: mixed.accountId };
    const to = await server.virtualAccounts(mixed, 'There');
    for (const [buyer, quantity] of [
      ['Partner Networks', 3],
      ['Somebody else', 4],
    ] as const) {
      await deliver(server, mixed, { tag: catalog.security, quantity, buyer });
    }
    const move = (quantity: number) =>
      mixed.administrator.call(transferLicenses, {
        params,
        body: {
          fromVirtualAccountId: mixed.defaultVirtualAccountId,
          toVirtualAccountId: to['There'] as string,
          lines: [{ tag: catalog.security, quantity }],
        },
      });
    const own = (await move(1)).movement.movementId;
    const both = (await move(6)).movement.movementId;
    const { client } = await partner('account-user', whole, { soldBy: 'Partner Networks', of: mixed });
    const events = await client.call(listEvents, { params });
    const told = events.items.filter(({ objectKind }) => objectKind === 'movement');
    expect(told.map(({ objectId }) => objectId)).toEqual([own]);
    const { items } = await client.call(listMovements, { params, query: { kind: 'transfer' } });
    expect(
      items.map(({ movementId, entries }) => [movementId, entries.map(({ delta }) => delta).sort()]),
    ).toEqual([
      [both, [-2, 2]],
      [own, [-1, 1]],
    ]);
  });

  it('refuses with the reason whatever concerns more than lots', async () => {
    const { client, browser } = await partner('account-user', whole, { soldBy: 'Partner Networks' });
    const asked = [
      () => client.call(listProductInstances, { params }),
      () =>
        client.call(createToken, {
          params: { ...params, virtualAccountId: ids['Asia'] as string },
          body: {},
        }),
      () =>
        client.call(transferLicenses, {
          params,
          body: {
            fromVirtualAccountId: ids['Asia'] as string,
            toVirtualAccountId: ids['Europe'] as string,
            lines: [{ tag: catalog.security, quantity: 1 }],
          },
        }),
    ];
    for (const work of asked) {
      const problem = await refusal(work());
      expect([problem.code, problem.detail]).toEqual([
        'limited-to-lots',
        'You see the lots that Partner Networks sold. This concerns more than them.',
      ]);
    }
    // The chain is for those alone who see all events, with a limit or without.
    expect((await refusal(client.call(downloadEventChain, { params }))).code).toBe('not-allowed');
    const me = await client.call(getMe, {});
    expect(me.accounts[0]).toMatchObject({
      soldBy: 'Partner Networks',
      actions: ['view-account', 'view-events', 'view-inventory'],
    });
    expect((await browser.request('GET', '/api/v1/me')).status).toBe(200);
  });

  it('is of the person, whatever roles they get afterwards, also by a group', async () => {
    const { client, personId, email } = await partner('viewer', at('Asia'), { soldBy: 'Partner Networks' });
    await account.administrator.call(grantRole, {
      params,
      body: { email, role: 'account-administrator', scope: whole },
    });
    const { group } = await account.administrator.call(createGroup, {
      params,
      body: { name: randomUUIDv7(), role: 'account-user', scope: whole },
    });
    await account.administrator.call(addToGroup, {
      params: { ...params, groupId: group.groupId },
      body: { people: [{ email }] },
    });
    expect((await client.call(getOverview, { params })).totals.owned).toBe(8);
    expect(await codeOf(client.call(listPeople, { params }))).toBe('limited-to-lots');
    const { items } = await account.administrator.call(listPeople, { params, query: { search: email } });
    expect(items[0]?.grants.map(({ soldBy }) => soldBy)).toEqual(Array(3).fill('Partner Networks'));
    const why = (action: 'view-inventory' | 'move-inventory') =>
      account.administrator.call(explainAccess, { params: { ...params, personId }, query: { action } });
    expect(await why('view-inventory')).toMatchObject({ allowed: true, soldBy: 'Partner Networks' });
    expect(await why('move-inventory')).toMatchObject({
      allowed: false,
      through: [],
      soldBy: 'Partner Networks',
    });
  });

  it('is set and lifted by those who could give all roles of the person, ends their API keys, and writes one event', async () => {
    const { client, personId, email } = await partner('virtual-account-administrator', at('Asia'));
    const { apiKey } = await client.call(createApiKey, {
      params,
      body: { name: 'Mine', role: 'viewer', scope: at('Asia') },
    });
    const berlin = server.client(
      await server.keyOf(params.accountId, 'virtual-account-administrator', at('Europe / Berlin')),
    );
    expect(await codeOf(limit(personId, 'Partner Networks', berlin))).toBe('grant-exceeds-own');
    expect(await codeOf(limit(randomUUIDv7(), 'Partner Networks'))).toBe('not-found');
    expect(await codeOf(limit(personId, null))).toBe('nothing-to-do');
    expect(await limit(personId, 'Partner Networks')).toMatchObject({
      apiKeysRevoked: [{ apiKeyId: apiKey.apiKeyId, name: 'Mine' }],
    });
    const keys = await account.administrator.call(listApiKeys, { params });
    expect(keys.items.find(({ apiKeyId }) => apiKeyId === apiKey.apiKeyId)?.revokedAt).not.toBeNull();
    expect((await client.call(getOverview, { params })).totals.owned).toBe(5);
    // Nobody lifts their own limit.
    expect(await codeOf(limit(personId, null, client))).toBe('limited-to-lots');
    await limit(personId, null);
    expect((await client.call(getOverview, { params })).totals.owned).toBe(12);
    const events = await account.administrator.call(listEvents, { params, query: { objectId: personId } });
    expect(events.items.map(({ operation, message }) => [operation, message])).toEqual([
      ['limitToSeller', `lifted the limit of ${email} to the lots of Partner Networks`],
      [
        'limitToSeller',
        `limited ${email} to the lots of Partner Networks, and revoked an API key they made with it`,
      ],
    ]);
  });

  it('is refused for the company’s own people and for a second role, and leaves an administrator', async () => {
    const ours = await partner('viewer', whole, { email: `${randomUUIDv7()}@customer.example` });
    expect(await codeOf(limit(ours.personId, 'Partner Networks'))).toBe('not-a-partner');
    const { email } = await partner('viewer', at('Asia'));
    const second = (soldBy: string) =>
      account.administrator.call(grantRole, {
        params,
        body: { email, role: 'viewer', scope: whole, soldBy },
      });
    expect(await codeOf(second('Partner Networks'))).toBe('seller-limit-differs');
    // The only administrator with a password would administer nothing any more.
    const only = await partner('account-administrator', whole);
    expect(await codeOf(limit(only.personId, 'Partner Networks'))).toBe('last-administrator');
  });

  it('names the sellers there are', async () => {
    expect((await account.administrator.call(listSellers, { params })).items).toEqual([
      { seller: expect.stringMatching(/partner networks/i), lots: 2 },
      { seller: 'Somebody else', lots: 2 },
    ]);
  });
});

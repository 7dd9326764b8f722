import {
  acceptInvitation,
  type Client,
  createToken,
  downloadLicenseSubscriptionsReport,
  downloadLicensesReport,
  downloadProductInstancesReport,
  getOverview,
  getPool,
  grantRole,
  listAccountOrders,
  listAlerts,
  listEvents,
  listInventory,
  listMovements,
  listProductInstances,
  listTokens,
  listVirtualAccounts,
} from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createBrowser,
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
let account: SeededAccount;
let places: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  account = await server.account('Edge Lines');
  places = await server.virtualAccounts(account, 'Mine', 'Theirs');
});
afterAll(() => server.close());

const start = '2026-11-22T12:00:00Z';
const afterwards = '2026-11-22T14:00:00Z';

/** Everything a list may show: units with and without an end, a shortage, a loan, silence, a token; at `start`. */
async function fill(name: string, times: number, encryption: object = {}): Promise<void> {
  server.clock.set(start);
  const { accountId } = account;
  const virtualAccountId = places[name] as string;
  const has = (tag: string, quantity: number, more: object = {}) =>
    deliver(server, { accountId }, { tag, quantity: quantity * times, virtualAccount: name, ...more });
  await has(catalog.security, 5, { term: { kind: 'term', months: 2 } });
  await has(catalog.advantage, 20);
  await has(catalog.encryption, 7, encryption);
  await useLicenses(server, {
    accountId,
    virtualAccountId,
    counts: { [catalog.security]: 6 * times, [catalog.essentials]: 3 * times },
    displayName: `${name} instance`,
    lastContactAt: server.clock.now().subtract({ hours: 24 * 60 }),
  });
  await account.administrator.call(createToken, {
    params: { accountId, virtualAccountId },
    body: { description: `${name} token` },
  });
}

/** All that a caller sees of the account, by what was asked. */
async function seenBy(key: string): Promise<Map<string, unknown>> {
  server.clock.set(afterwards);
  const past = { asOf: '2026-11-22T13:00:00Z' };
  const future = { asOf: '2027-02-22T12:00:00Z' };
  const asked: [{ path: string }, Record<string, string>?][] = [
    [getOverview],
    [listVirtualAccounts, { rollUp: 'true' }],
    [listMovements],
    [listProductInstances],
    [listTokens],
    [listAlerts],
    [listEvents],
    [listAccountOrders],
    [listInventory, { by: 'license', endingWithinDays: '90' }],
    [downloadLicensesReport],
    [downloadLicenseSubscriptionsReport],
    [downloadProductInstancesReport],
    ...[{}, past, future].flatMap((at): [{ path: string }, Record<string, string>][] => [
      [listInventory, { ...at, by: 'pool' }],
      [listInventory, { ...at, by: 'license' }],
      ...Object.values(catalog).map((tag): [{ path: string }, Record<string, string>] => [
        getPool,
        { ...at, tag },
      ]),
    ]),
  ];
  const seen = new Map<string, unknown>();
  for (const [{ path }, { tag = '', ...query } = {}] of asked) {
    const filled = path.replace('{accountId}', account.accountId).replace('{tag}', encodeURIComponent(tag));
    const asking = `${filled}?${new URLSearchParams(query)}`;
    const response = await fetch(`${server.address}${asking}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    seen.set(asking, [response.status, await response.json()]);
  }
  return seen;
}

it('what happens out of somebody’s reach changes nothing of what they see, in any list or sum', async () => {
  const scope = {
    kind: 'virtual-accounts' as const,
    virtualAccounts: [{ virtualAccountId: places['Mine'] as string, nested: true }],
  };
  const key = await server.keyOf(account.accountId, 'virtual-account-administrator', scope);
  const all = await server.keyOf(account.accountId, 'account-administrator');
  await fill('Mine', 1);
  const [before, allBefore] = [await seenBy(key), await seenBy(all)];
  // What has no end in their own place has one in the other.
  await fill('Theirs', 3, { term: { kind: 'term', months: 1 } });
  const [after, allAfter] = [await seenBy(key), await seenBy(all)];
  expect(before.size).toBeGreaterThan(25);
  for (const [asking, answer] of before) {
    expect(answer, asking).toMatchObject([200, {}]);
    expect(after.get(asking), asking).toEqual(answer);
    // The same question tells the difference to who may see it, so it is one that could tell.
    expect(allAfter.get(asking), asking).not.toEqual(allBefore.get(asking));
  }
});

it('who may only look at a place is offered no fix for it, though they may act elsewhere', async () => {
  const { accountId, administrator } = account;
  const [mine, theirs] = [places['Mine'] as string, places['Theirs'] as string];
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 50, virtualAccount: 'Theirs' });
  const email = 'both@example.com';
  const grant = (role: 'viewer' | 'virtual-account-user', virtualAccountId: string) =>
    administrator.call(grantRole, {
      params: { accountId },
      body: {
        email,
        role,
        scope: { kind: 'virtual-accounts', virtualAccounts: [{ virtualAccountId, nested: true }] },
      },
    });
  await grant('viewer', mine);
  const { invitationLink } = await grant('virtual-account-user', theirs);
  const password = 'correct horse battery';
  await server.client().call(acceptInvitation, {
    body: { token: invitationLink as string, name: 'Bo Both', password },
  });
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password });
  const kinds = async (client: Client) => {
    const asked = { params: { accountId, tag: catalog.security }, query: { virtualAccountId: mine } };
    const { short } = await client.call(getPool, asked);
    return short.flatMap(({ fixes }) => fixes.map(({ kind }) => kind));
  };
  expect(await kinds(administrator)).toEqual(['transfer', 'release-instances', 'order']);
  expect(await kinds(browser.client)).toEqual(['order']);
});

import {
  createToken,
  downloadLicenseSubscriptionsReport,
  downloadLicensesReport,
  downloadProductInstancesReport,
  getOverview,
  getPool,
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
async function fill(name: string, times: number): Promise<void> {
  server.clock.set(start);
  const { accountId } = account;
  const virtualAccountId = places[name] as string;
  const has = (tag: string, quantity: number, more: object = {}) =>
    deliver(server, { accountId }, { tag, quantity: quantity * times, virtualAccount: name, ...more });
  await has(catalog.security, 5, { term: { kind: 'term', months: 2 } });
  await has(catalog.advantage, 20);
  await has(catalog.encryption, 7);
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
  await fill('Theirs', 3);
  const [after, allAfter] = [await seenBy(key), await seenBy(all)];
  expect(before.size).toBeGreaterThan(25);
  for (const [asking, answer] of before) {
    expect(answer, asking).toMatchObject([200, {}]);
    expect(after.get(asking), asking).toEqual(answer);
    // The same question tells the difference to who may see it, so it is one that could tell.
    expect(allAfter.get(asking), asking).not.toEqual(allBefore.get(asking));
  }
});

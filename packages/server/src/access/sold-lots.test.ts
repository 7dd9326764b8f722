import { randomUUIDv7 } from 'node:crypto';
import type { GrantScope } from '@estover/domain/access';
import {
  acceptInvitation,
  type Client,
  getOverview,
  getPool,
  grantRole,
  listAccountOrders,
  listAlerts,
  listEvents,
  listInventory,
  listMovements,
  listVirtualAccounts,
  ProblemError,
  transferLicenses,
} from '@estover/protocol';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createBrowser,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestBrowser,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';

let server: TestServer;
let catalog: SeededCatalog;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
});
afterAll(() => server.close());

const places = ['Europe', 'Europe / Berlin', 'Asia'];
const sellers = ['Partner', 'partner ', 'Other', 'Partner Two'];
const isSold = (buyer: string): boolean => buyer.trim().toLowerCase() === 'partner';
const terms = [{ kind: 'perpetual' }, { kind: 'term', months: 2 }] as const;

/** Something that happens in the account. */
const act = fc.oneof(
  fc.record({
    kind: fc.constant('order' as const),
    seller: fc.constantFrom(...sellers),
    place: fc.constantFrom(...places),
    license: fc.constantFrom('security' as const, 'essentials' as const, 'advantage' as const),
    quantity: fc.integer({ min: 1, max: 50 }),
    term: fc.constantFrom(0, 1),
  }),
  fc.record({
    kind: fc.constant('move' as const),
    from: fc.constantFrom(...places),
    to: fc.constantFrom(...places),
    license: fc.constantFrom('security' as const, 'essentials' as const, 'advantage' as const),
    quantity: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({
    kind: fc.constant('use' as const),
    place: fc.constantFrom(...places),
    license: fc.constantFrom('security' as const, 'essentials' as const),
    quantity: fc.integer({ min: 1, max: 60 }),
  }),
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

async function does(account: SeededAccount, ids: Record<string, string>, act: Act): Promise<void> {
  const { accountId } = account;
  const tag = catalog[act.license];
  switch (act.kind) {
    case 'order': {
      const { quantity, place: virtualAccount, seller: buyer } = act;
      const term = terms[act.term as 0 | 1];
      await deliver(server, account, {
        tag,
        quantity,
        virtualAccount,
        buyer,
        term: term as { kind: 'perpetual' },
      });
      return;
    }
    case 'move':
      await account.administrator
        .call(transferLicenses, {
          params: { accountId },
          body: {
            fromVirtualAccountId: ids[act.from] as string,
            toVirtualAccountId: ids[act.to] as string,
            lines: [{ tag, quantity: act.quantity }],
          },
        })
        // More than there is, or to where it lies.
        .catch((error: unknown) => {
          if (!(error instanceof ProblemError)) throw error;
        });
      return;
    case 'use':
      await useLicenses(server, {
        accountId,
        virtualAccountId: ids[act.place] as string,
        counts: { [tag]: act.quantity },
      });
  }
}

/** A limited partner with a role in a scope. */
async function partnerIn(
  { accountId, administrator }: SeededAccount,
  scope: GrantScope,
): Promise<TestBrowser> {
  server.clock.advance({ minutes: 30 });
  const email = `${randomUUIDv7()}@partner.example`;
  const password = 'correct horse battery';
  const role = scope.kind === 'account' ? 'account-user' : 'virtual-account-user';
  const { invitationLink } = await administrator.call(grantRole, {
    params: { accountId },
    body: { email, role, scope, soldBy: 'PARTNER' },
  });
  await server
    .client()
    .call(acceptInvitation, { body: { token: invitationLink ?? '', name: 'Pia', password } });
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password });
  return browser;
}

interface Held {
  lotId: string;
  tag: string;
  place: string;
  state: string;
  quantity: number;
  buyer: string;
  orderNumber: string;
}

/** Everything that lies in the account, filtered by whoever looks at it and not by the server. */
async function everythingIn(accountId: string): Promise<Held[]> {
  const { rows } = await sql<Held>`
    select h.lot_id as "lotId", c.tag, h.virtual_account_id as place, h.state, h.quantity, o.buyer,
           o.order_number as "orderNumber"
      from holdings h join lots l using (account_id, lot_id) join orders o on o.order_id = l.order_id
      join licenses c on c.license_id = l.license_id
     where h.account_id = ${accountId} and h.quantity > 0`.execute(server.db);
  return rows;
}

const owned = new Set(['available', 'reserved', 'held']);
const sumOf = (held: readonly Held[]) =>
  held.filter(({ state }) => owned.has(state)).reduce((sum, { quantity }) => sum + quantity, 0);
function byKey(held: readonly Held[], keyOf: (one: Held) => string): Record<string, number> {
  const groups = Map.groupBy(held, keyOf);
  return Object.fromEntries([...groups].map(([key, rows]) => [key, sumOf(rows)]));
}

/** Asks everything that shows figures, and compares it with what the naive filter leaves. */
async function compare(
  { client, request }: Pick<TestBrowser, 'client' | 'request'>,
  accountId: string,
  theirs: readonly Held[],
  others: { orders: string[]; places: Set<string> },
): Promise<void> {
  const params = { accountId };
  const pools = await client.call(listInventory, { params, query: { by: 'pool', limit: 200 } });
  const key = (tag: string, place: string | null) => `${tag} ${place}`;
  expect(
    Object.fromEntries(pools.items.map((row) => [key(row.tag, row.virtualAccountId), row.owned])),
  ).toEqual(byKey(theirs, (one) => key(one.tag, one.place)));
  for (const { inUse, short, state, lent, borrowed } of pools.items) {
    expect({ inUse, short, state, lent, borrowed }).toEqual({
      inUse: 0,
      short: 0,
      state: 'in-compliance',
      lent: 0,
      borrowed: 0,
    });
  }
  const perLicense = byKey(theirs, ({ tag }) => tag);
  // At present from the counters, at an instant from the movements: the same lots, and no others.
  for (const query of [{}, { asOf: server.clock.now().toString() }]) {
    const licenses = await client.call(listInventory, { params, query: { by: 'license', ...query } });
    expect(Object.fromEntries(licenses.items.map((row) => [row.tag, row.owned]))).toEqual(perLicense);
  }
  for (const tag of Object.keys(perLicense)) {
    const pool = await client.call(getPool, { params: { accountId, tag } });
    const lots = pool.lots.map(({ lotId, virtualAccountId }) => `${lotId} ${virtualAccountId}`);
    const mine = theirs.filter((one) => one.tag === tag).map(({ lotId, place }) => `${lotId} ${place}`);
    expect(new Set(lots)).toEqual(new Set(mine));
    expect(pool.usedBy).toEqual([]);
  }
  const overview = await client.call(getOverview, { params });
  expect(overview.totals).toMatchObject({ owned: sumOf(theirs), inUse: 0, short: 0, productInstances: 0 });
  const tree = await client.call(listVirtualAccounts, { params, query: { rollUp: true } });
  const perPlace = byKey(theirs, ({ place }) => place);
  expect(tree.items.map(({ virtualAccountId, own }) => [virtualAccountId, own?.owned])).toEqual(
    tree.items.map(({ virtualAccountId }) => [virtualAccountId, perPlace[virtualAccountId] ?? 0]),
  );
  await compareFiles(request, accountId, theirs);
  await compareHistory(client, accountId, theirs, others);
}

async function compareFiles(request: TestBrowser['request'], accountId: string, theirs: readonly Held[]) {
  const read = async (report: string) => {
    const answer = await request('GET', `/api/v1/accounts/${accountId}/reports/${report}?format=json`);
    const text = await answer.text();
    return JSON.parse(text) as { rows?: Record<string, unknown>[] } | Record<string, unknown>[];
  };
  const rowsOf = async (report: string) => {
    const file = await read(report);
    return Array.isArray(file) ? file : (file.rows ?? []);
  };
  const licenses = await rowsOf('licenses');
  expect(licenses.reduce((sum, row) => sum + Number(row['owned']), 0)).toBe(sumOf(theirs));
  const subscriptions = await rowsOf('license-subscriptions');
  const orders = new Set(theirs.map(({ orderNumber }) => orderNumber));
  for (const { orderNumber } of subscriptions) expect(orders).toContain(orderNumber);
}

async function compareHistory(
  client: Client,
  accountId: string,
  theirs: readonly Held[],
  others: { orders: string[]; places: Set<string> },
) {
  const params = { accountId };
  const { items: movements } = await client.call(listMovements, { params, query: { limit: 200 } });
  const moved = new Set(movements.flatMap(({ entries }) => entries.map(({ lotId }) => lotId)));
  const sold = new Set(
    (
      await sql<{ lotId: string }>`
        select l.lot_id as "lotId" from lots l join orders o on o.order_id = l.order_id
         where l.account_id = ${accountId} and lower(btrim(o.buyer)) = 'partner'`.execute(server.db)
    ).rows.map(({ lotId }) => lotId),
  );
  for (const lotId of moved) expect(sold).toContain(lotId);
  for (const { lotId } of theirs) expect(moved).toContain(lotId);
  const { items: orders } = await client.call(listAccountOrders, { params, query: { limit: 200 } });
  expect(orders.filter(({ buyer }) => !isSold(buyer))).toEqual([]);
  const { items: alerts } = await client.call(listAlerts, { params });
  expect(alerts.filter(({ lotId }) => lotId === null || !sold.has(lotId))).toEqual([]);
  const { items: events } = await client.call(listEvents, { params, query: { limit: 200 } });
  const told = JSON.stringify(events);
  for (const orderNumber of others.orders) expect(told).not.toContain(orderNumber);
  expect(events.filter(({ objectKind }) => objectKind !== 'order' && objectKind !== 'movement')).toEqual([]);
}

it('shows a partner the sum over the lots they sold, never more and never less', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 6, maxLength: 14 }), async (acts) => {
      const account = await server.account(`Sold ${randomUUIDv7()}`);
      const { accountId } = account;
      const ids = await server.virtualAccounts(account, 'Europe / Berlin', 'Asia');
      for (const one of acts) await does(account, ids, one);
      server.clock.advance({ hours: 1 });
      const all = await everythingIn(accountId);
      const foreign = all.filter(({ buyer }) => !isSold(buyer)).map(({ orderNumber }) => orderNumber);
      const scopes: [GrantScope, string[]][] = [
        [{ kind: 'account' }, places],
        [
          {
            kind: 'virtual-accounts',
            virtualAccounts: [{ virtualAccountId: ids['Europe'] as string, nested: true }],
          },
          ['Europe', 'Europe / Berlin'],
        ],
        [
          {
            kind: 'virtual-accounts',
            virtualAccounts: [{ virtualAccountId: ids['Europe'] as string, nested: false }],
          },
          ['Europe'],
        ],
      ];
      for (const [scope, reached] of scopes) {
        const seen = new Set(reached.map((name) => ids[name] as string));
        const theirs = all.filter(({ buyer, place }) => isSold(buyer) && seen.has(place));
        const browser = await partnerIn(account, scope);
        await compare(browser, accountId, theirs, { orders: foreign, places: seen });
      }
    }),
    { numRuns: 4 },
  );
});

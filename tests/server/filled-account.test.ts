import { getOverview, listInventory, listProductInstances, listVirtualAccounts } from '@estover/protocol';
import { checkLedgerLaws, startTestServer, type TestServer } from '@estover/server/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Filled, fill } from '../../bench/seed/fill.ts';

/* The accounts that measurements read are filled beside the server: they must be accounts as the server makes them. */

let server: TestServer;
let filled: Filled;

// Events are filled as if they were sealed, without the chain of hashes that the doctor follows.
const size = { events: 0, instances: 2_000, virtualAccounts: 120, licenses: 40, tokens: 20 };

beforeAll(async () => {
  server = await startTestServer();
  filled = await fill(server.connectionString, { ...size, now: server.clock.now() });
});
afterAll(() => server.close());

test('a filled account keeps every law of the ledger', async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

test('it reads like any other: a tree of ten levels, pools short and well, instances of every state', async () => {
  const client = server.client(filled.apiKey);
  const params = { accountId: filled.accountId };
  const tree = await client.call(listVirtualAccounts, { params, query: { rollUp: true } });
  expect(tree.items).toHaveLength(size.virtualAccounts);
  expect(new Set(tree.items.map(({ depth }) => depth))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  const pools = await client.call(listInventory, {
    params,
    query: { by: 'pool', limit: 200, sort: 'balance' },
  });
  expect(pools.items[0]?.state).toBe('out-of-compliance');
  expect(pools.total).toBeGreaterThan(size.virtualAccounts);
  expect(pools.items.some(({ borrowed, lent }) => borrowed + lent > 0)).toBe(true);
  for (const state of ['registered', 'authorization-expired', 'removed'] as const) {
    const page = await client.call(listProductInstances, { params, query: { state, limit: 1 } });
    expect(page.items[0]).toMatchObject({ state });
  }
});

test('the first page names of each month those of which most ends, and sums all of them', async () => {
  const { ending } = await server
    .client(filled.apiKey)
    .call(getOverview, { params: { accountId: filled.accountId } });
  const { rows } = await sql<{ month: string; name: string; quantity: number }>`
    select to_char(l.ends_at at time zone 'UTC', 'YYYY-MM') as month, c.name, sum(h.quantity)::bigint as quantity
      from lots l join holdings h using (account_id, lot_id) join licenses c on c.license_id = l.license_id
     where l.account_id = ${filled.accountId} and l.ends_at > ${server.clock.now()} and h.state <> 'expired'
       and h.quantity > 0
     group by 1, 2 order by quantity desc, name`.execute(server.db);
  const ofMonths = Map.groupBy(rows, ({ month }) => month);
  expect(ending.some(({ otherLicenses }) => otherLicenses > 0)).toBe(true);
  for (const { month, quantity, licenses, otherLicenses } of ending) {
    const all = ofMonths.get(month) ?? [];
    expect(
      licenses.map(({ licenseName: name, quantity: ends }) => ({ month, name, quantity: ends })),
    ).toEqual(all.slice(0, 12));
    expect(otherLicenses).toBe(all.length - licenses.length);
    expect(quantity).toBe(all.reduce((sum, one) => sum + one.quantity, 0));
  }
});

test('the same seed makes the same account, and another seed another one beside it', async () => {
  const again = await startTestServer();
  try {
    await fill(again.connectionString, { ...size, now: server.clock.now() });
    await fill(again.connectionString, { ...size, now: server.clock.now(), seed: 'other' });
    const rows = (db: typeof server.db) =>
      sql`
      select p.virtual_account_id, p.license_id, p.available, p.in_use, p.lent, p.borrowed, p.state, p.short_since
        from pools p where p.account_id = ${filled.accountId} order by 1, 2`.execute(db);
    expect((await rows(again.db)).rows).toEqual((await rows(server.db)).rows);
    expect(await checkLedgerLaws(again.db)).toEqual([]);
  } finally {
    await again.close();
  }
});

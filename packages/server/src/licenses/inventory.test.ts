import {
  correctLot,
  createLicense,
  createSubstitution,
  getOverview,
  getPool,
  listInventory,
  ProblemError,
  type QueryOf,
  transferLicenses,
} from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runAllJobs } from '../jobs/index.ts';
import {
  changeUse,
  checkLedgerLaws,
  deliver,
  refusal,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  tagOf,
  useLicenses,
} from '../testing/index.ts';

let server: TestServer;
let catalog: SeededCatalog;
let number = 0;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
});
afterAll(() => server.close());

async function account() {
  const seeded = await server.account(`Company ${++number}`);
  const places = await server.virtualAccounts(seeded, 'A', 'A / Deep', 'B');
  const [a, deep, b] = [places['A'], places['A / Deep'], places['B']] as [string, string, string];
  const params = { accountId: seeded.accountId };
  const inventory = (query: Partial<QueryOf<typeof listInventory>> = {}, client = seeded.administrator) =>
    client.call(listInventory, { params, query });
  return { ...seeded, params, a, deep, b, inventory };
}
type Account = Awaited<ReturnType<typeof account>>;

const rowsOf = ({ items }: Awaited<ReturnType<Account['inventory']>>) =>
  items.map((row) => [
    row.licenseName,
    row.virtualAccountPath.join(' / '),
    row.owned,
    row.inUse,
    row.balance,
  ]);

it('shows pools, and licenses summed over pools, with what the caller chose and may see', async () => {
  const { inventory, a, deep, b, accountId } = await account();
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 10, virtualAccount: 'A' });
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 5, virtualAccount: 'A / Deep' });
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 1, virtualAccount: 'B' });
  await deliver(server, { accountId }, { tag: catalog.encryption, quantity: 7, virtualAccount: 'B' });
  await useLicenses(server, { accountId, virtualAccountId: deep, counts: { [catalog.security]: 8 } });
  const everything = [
    ['Branch Security', 'A', 10, 0, 10],
    ['Branch Security', 'B', 1, 0, 1],
    ['Branch Security', 'A / Deep', 5, 8, -3],
    ['Strong Encryption', 'B', 7, 0, 7],
  ];
  const all = await inventory();
  expect(rowsOf(all)).toEqual(everything);
  expect(all).toMatchObject({ total: 4, nextCursor: null, asOf: server.clock.now().toString() });
  expect(rowsOf(await inventory({ virtualAccountId: a }))).toEqual([everything[0], everything[2]]);
  expect(rowsOf(await inventory({ virtualAccountId: a, nested: false }))).toEqual([everything[0]]);

  const [summed] = (await inventory({ by: 'license', search: 'branch' })).items;
  expect(summed).toMatchObject({
    virtualAccountId: null,
    virtualAccountPath: [],
    owned: 16,
    inUse: 8,
    balance: 8,
    pools: 3,
    poolsShort: 1,
    short: 3,
    state: 'out-of-compliance',
    shortSince: server.clock.now().toString(),
    openAlerts: 1,
    billing: ['prepaid'],
  });

  const inB = { kind: 'virtual-accounts' as const, virtualAccounts: [{ virtualAccountId: b, nested: true }] };
  const viewer = server.client(await server.keyOf(accountId, 'viewer', inB));
  expect(rowsOf(await inventory({}, viewer))).toEqual([everything[1], everything[3]]);
  const problem = await inventory({ virtualAccountId: a }, viewer).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(ProblemError);
  expect((problem as ProblemError).problem.code).toBe('unknown-virtual-account');
  const approver = server.client(await server.keyOf(accountId, 'approver'));
  await expect(inventory({}, approver)).rejects.toMatchObject({ problem: { status: 403 } });
  const stranger = await server.account(`Stranger ${++number}`);
  await expect(inventory({}, stranger.administrator)).rejects.toMatchObject({ problem: { status: 404 } });
});

it('filters by state, family, search, and what ends, and takes every filter together', async () => {
  const { inventory, accountId, a } = await account();
  const term = { kind: 'term' as const, months: 2 };
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 3, virtualAccount: 'A', term });
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 4, virtualAccount: 'A', term });
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 9, virtualAccount: 'B' });
  await useLicenses(server, { accountId, virtualAccountId: a, counts: { [catalog.essentials]: 2 } });
  const names = async (query: Partial<QueryOf<typeof listInventory>>) =>
    (await inventory(query)).items.map((row) => `${row.licenseName} ${row.virtualAccountPath.join('/')}`);
  expect(await names({ state: 'out-of-compliance' })).toEqual(['Network Essentials A']);
  expect(await names({ family: 'Security' })).toEqual(['Branch Security A', 'Branch Security B']);
  const asOf = server.clock.now().toString();
  for (const instant of [{}, { asOf }]) {
    expect(await names({ tag: catalog.security, ...instant })).toEqual([
      'Branch Security A',
      'Branch Security B',
    ]);
    expect(await names({ tag: catalog.security, family: 'Other', ...instant })).toEqual([]);
  }
  expect(await names({ search: '%' })).toEqual([]);
  expect(await names({ search: 'BRANCH' })).toHaveLength(2);
  expect(await names({ endingWithinDays: 30 })).toEqual([]);
  expect(await names({ endingWithinDays: 62 })).toEqual(['Branch Security A']);
  expect(await names({ trouble: true })).toEqual(['Branch Security A', 'Network Essentials A']);
  expect(await names({ trouble: true, family: 'Security', state: 'in-compliance' })).toEqual([
    'Branch Security A',
  ]);
  const [row] = (await inventory({ endingWithinDays: 62 })).items;
  expect(row?.nextEnd).toEqual({ endsAt: '2027-01-22T12:00:00Z', quantity: 7 });
});

it('pages through any order without losing or repeating a row, at present and as of another instant', async () => {
  const { inventory, ...seeded } = await account();
  const { accountId } = seeded;
  const names = Array.from({ length: 7 }, (_, index) => `Site ${index}`);
  const places = await server.virtualAccounts(seeded, ...names);
  for (const [index, name] of names.entries()) {
    await deliver(
      server,
      { accountId },
      { tag: catalog.security, quantity: 1 + (index % 3), virtualAccount: name },
    );
    await useLicenses(server, {
      accountId,
      virtualAccountId: places[name] as string,
      counts: { [catalog.security]: index % 2 },
    });
  }
  for (const sort of ['license', 'balance', '-balance', 'inUse', '-owned', '-license'] as const) {
    for (const asOf of [undefined, server.clock.now().toString()]) {
      const all = (await inventory({ sort, ...(asOf === undefined ? {} : { asOf }) })).items;
      expect(all).toHaveLength(7);
      const paged: typeof all = [];
      let cursor: string | undefined;
      do {
        const page = await inventory({
          sort,
          limit: 2,
          ...(asOf === undefined ? {} : { asOf }),
          ...(cursor === undefined ? {} : { cursor }),
        });
        expect(page.total).toBe(7);
        paged.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(paged.map((row) => row.virtualAccountId)).toEqual(all.map((row) => row.virtualAccountId));
    }
  }
  const balances = (await inventory({ sort: '-balance' })).items.map((row) => row.balance);
  expect(balances).toEqual([...balances].sort((left, right) => right - left));
  const { nextCursor } = await inventory({ limit: 2 });
  await expect(inventory({ sort: 'owned', cursor: nextCursor ?? '' })).rejects.toMatchObject({
    problem: { code: 'cursor-invalid' },
  });
});

it('shows the inventory as of the past by replaying, and of the future by the rules of terms', async () => {
  const { inventory, administrator, params, accountId, a, b } = await account();
  const tag = catalog.security;
  const start = server.clock.now();
  await deliver(
    server,
    { accountId },
    { tag, quantity: 10, virtualAccount: 'A', term: { kind: 'term', months: 1 } },
  );
  await deliver(
    server,
    { accountId },
    { tag, quantity: 5, virtualAccount: 'A', term: { kind: 'term', months: 12 }, startDate: '2099-01-01' },
  );
  server.clock.advance({ days: 1 });
  await useLicenses(server, { accountId, virtualAccountId: a, counts: { [tag]: 8 } });
  server.clock.advance({ days: 1 });
  await administrator.call(transferLicenses, {
    params,
    body: { fromVirtualAccountId: a, toVirtualAccountId: b, lines: [{ tag, quantity: 4 }] },
  });
  const at = async (asOf: Temporal.Instant) =>
    (await inventory({ asOf: asOf.toString() })).items.map((row) => [
      row.virtualAccountPath.join('/'),
      row.available,
      row.pending,
      row.expired,
      row.inUse,
      row.state,
    ]);
  expect(await at(start.subtract({ seconds: 1 }))).toEqual([]);
  expect(await at(start)).toEqual([['A', 10, 5, 0, 0, 'in-compliance']]);
  expect(await at(start.add({ hours: 24 }))).toEqual([['A', 10, 5, 0, 8, 'in-compliance']]);
  expect(await at(start.add({ hours: 48 }))).toEqual([
    ['A', 6, 5, 0, 8, 'out-of-compliance'],
    ['B', 4, 0, 0, 0, 'in-compliance'],
  ]);
  expect(await at(start.add({ hours: 24 * 40 }))).toEqual([
    ['A', 0, 5, 6, 8, 'out-of-compliance'],
    ['B', 0, 0, 4, 0, 'in-compliance'],
  ]);
  expect((await at(Temporal.Instant.from('2099-02-01T00:00:00Z')))[0]).toEqual([
    'A',
    5,
    0,
    6,
    8,
    'out-of-compliance',
  ]);
  const pool = await administrator.call(getPool, {
    params: { ...params, tag },
    query: { asOf: start.toString() },
  });
  expect(pool.row).toMatchObject({ owned: 10, pending: 5, inUse: 0 });
  expect(pool.usedBy).toEqual([]);
  const dayAfter = start.add({ hours: 24 }).toString();
  const then = await administrator.call(getPool, { params: { ...params, tag }, query: { asOf: dayAfter } });
  expect(then).toMatchObject({ usedBy: [{ count: 8 }], usedByTotal: 1 });
  expect(pool.lots.map((lot) => [lot.virtualAccountPath.join('/'), lot.available, lot.pending])).toEqual([
    ['A', 10, 0],
    ['A', 0, 5],
  ]);
});

it('explains a short pool: since when, through whom, and what to do', async () => {
  const { administrator, params, accountId, a, b, deep } = await account();
  const tag = catalog.security;
  await deliver(
    server,
    { accountId },
    { tag, quantity: 10, virtualAccount: 'A', term: { kind: 'term', months: 1 } },
  );
  await deliver(server, { accountId }, { tag, quantity: 10, virtualAccount: 'A' });
  await deliver(server, { accountId }, { tag, quantity: 30, virtualAccount: 'A / Deep' });
  const first = await useLicenses(server, {
    accountId,
    virtualAccountId: a,
    counts: { [tag]: 14 },
    displayName: 'first',
  });
  server.clock.advance({ days: 1 });
  const { movement } = await administrator.call(transferLicenses, {
    params,
    body: { fromVirtualAccountId: a, toVirtualAccountId: b, lines: [{ tag, quantity: 4 }] },
  });
  server.clock.advance({ days: 1 });
  const since = server.clock.now().toString();
  await useLicenses(server, { accountId, virtualAccountId: a, counts: { [tag]: 3 }, displayName: 'second' });
  server.clock.advance({ days: 1 });
  await changeUse(server, { accountId, virtualAccountId: a, instanceId: first, counts: { [tag]: 15 } });
  server.clock.advance({ days: 40 });
  await runAllJobs(server.jobDependencies);
  server.clock.advance({ hours: 1 });
  const lots = await server.db
    .selectFrom('lots')
    .select('lot_id')
    .where('account_id', '=', accountId)
    .where('term_kind', '=', 'perpetual')
    .execute();
  const inA = await administrator.call(getPool, {
    params: { ...params, tag },
    query: { virtualAccountId: a, nested: false },
  });
  const perpetualInA = inA.lots.find((lot) => lots.some((each) => each.lot_id === lot.lotId));
  await server.operator.call(correctLot, {
    params,
    body: { lotId: perpetualInA?.lotId ?? '', virtualAccountId: a, quantity: 1, reason: 'returned' },
  });
  const pool = await administrator.call(getPool, {
    params: { ...params, tag },
    query: { virtualAccountId: a },
  });
  expect(pool.row).toMatchObject({
    owned: 35,
    inUse: 18,
    expired: 10,
    balance: 17,
    poolsShort: 1,
    short: 13,
    shortSince: since,
  });
  expect(pool.short).toHaveLength(1);
  const [short] = pool.short;
  expect(short).toMatchObject({ shortBy: 13, since, virtualAccountPath: ['A'] });
  expect(short?.causes).toMatchObject([
    { kind: 'corrected', quantity: 1, reason: 'returned' },
    { kind: 'expired', quantity: 10 },
    { kind: 'use-raised', displayName: 'first', from: 14, to: 15 },
    { kind: 'use-raised', displayName: 'second', from: 0, to: 3 },
  ]);
  expect(JSON.stringify(short?.causes)).not.toContain(movement.movementId);
  expect(short?.fixes[0]).toMatchObject({
    kind: 'transfer',
    fromVirtualAccountId: deep,
    quantity: 13,
    complete: true,
  });
  expect(short?.fixes.map((fix) => fix.kind)).toEqual(['transfer', 'release-instances', 'order']);
  expect(pool.usedBy.map((user) => [user.displayName, user.count])).toEqual([
    ['first', 15],
    ['second', 3],
  ]);
  expect(pool.usedByTotal).toBe(2);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('explains a shortage that comes from surplus that is gone, and shows who lends to whom', async () => {
  const { administrator, params, accountId, a, b } = await account();
  await deliver(server, { accountId }, { tag: catalog.advantage, quantity: 100, virtualAccount: 'A' });
  await useLicenses(server, {
    accountId,
    virtualAccountId: a,
    counts: { [catalog.advantage]: 10, [catalog.essentials]: 50 },
  });
  const get = (tag: string) =>
    administrator.call(getPool, {
      params: { ...params, tag },
      query: { virtualAccountId: a, nested: false },
    });
  const lent = { quantity: 50, otherQuantity: 50, virtualAccountPath: ['A'] };
  expect((await get(catalog.advantage)).substitutions).toMatchObject([
    { direction: 'lends-to', licenseName: 'Network Essentials', ...lent },
  ]);
  expect((await get(catalog.advantage)).row).toMatchObject({
    lent: 50,
    balance: 40,
    virtualAccountPath: ['A'],
  });
  expect((await get(catalog.essentials)).substitutions).toMatchObject([
    { direction: 'borrows-from', licenseName: 'Network Advantage', ...lent },
  ]);
  expect((await get(catalog.essentials)).row).toMatchObject({
    borrowed: 50,
    balance: 0,
    state: 'in-compliance',
  });
  server.clock.advance({ days: 1 });
  await administrator.call(transferLicenses, {
    params,
    body: {
      fromVirtualAccountId: a,
      toVirtualAccountId: b,
      lines: [{ tag: catalog.advantage, quantity: 70 }],
    },
  });
  const { row, short } = await get(catalog.essentials);
  expect(row).toMatchObject({ borrowed: 20, balance: -30, state: 'out-of-compliance' });
  expect(short[0]?.causes).toMatchObject([
    { kind: 'surplus-gone', tag: catalog.advantage, licenseName: 'Network Advantage', quantity: 30 },
  ]);
  expect((await get(catalog.security)).row).toMatchObject({ owned: 0, pools: 0, virtualAccountId: a });
  const unknown = catalog.security.replace(/_[0-9a-f-]{36}$/, `_${crypto.randomUUID()}`);
  await expect(get(unknown)).rejects.toMatchObject({ problem: { status: 404 } });
});

it('judges pools anew when a substitution joins the catalog', async () => {
  const { inventory, accountId, a } = await account();
  const make = async (name: string) => {
    const tag = tagOf(name);
    await server.operator.call(createLicense, { body: { tag, name, version: '1.0', family: 'Late' } });
    return tag;
  };
  const [upperTag, lowerTag] = [await make('Late Upper'), await make('Late Lower')];
  await deliver(server, { accountId }, { tag: upperTag, quantity: 10, virtualAccount: 'A' });
  await useLicenses(server, { accountId, virtualAccountId: a, counts: { [lowerTag]: 4 } });
  const states = async () =>
    (await inventory()).items.map((row) => [row.licenseName, row.balance, row.state, row.openAlerts]);
  expect(await states()).toEqual([
    ['Late Lower', -4, 'out-of-compliance', 1],
    ['Late Upper', 10, 'in-compliance', 0],
  ]);
  await server.operator.call(createSubstitution, { body: { upperTag, lowerTag } });
  expect(await states()).toEqual([
    ['Late Lower', 0, 'in-compliance', 0],
    ['Late Upper', 6, 'in-compliance', 0],
  ]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('counts as delivered this month what may be used, and no imported history that had ended', async () => {
  const { administrator, params, accountId } = await account();
  const order = { tag: catalog.security, virtualAccount: 'A', term: { kind: 'term', months: 1 } } as const;
  await deliver(server, { accountId }, { ...order, quantity: 7, startDate: '2020-01-01' });
  await deliver(server, { accountId }, { ...order, quantity: 3 });
  const { totals, deliveredThisMonth } = await administrator.call(getOverview, { params });
  expect({ owned: totals.owned, expired: totals.expired, deliveredThisMonth }).toEqual({
    owned: 3,
    expired: 7,
    deliveredThisMonth: 3,
  });
});

it('sums up an account on one page, within the rights of who looks', async () => {
  const { administrator, params, accountId, a, b, deep } = await account();
  await deliver(
    server,
    { accountId },
    { tag: catalog.security, quantity: 10, virtualAccount: 'A', term: { kind: 'term', months: 2 } },
  );
  await deliver(server, { accountId }, { tag: catalog.encryption, quantity: 5, virtualAccount: 'B' });
  await useLicenses(server, { accountId, virtualAccountId: a, counts: { [catalog.security]: 12 } });
  const overview = await administrator.call(getOverview, { params });
  expect(overview.totals).toMatchObject({
    owned: 15,
    inUse: 12,
    balance: 3,
    short: 2,
    pools: 2,
    poolsShort: 1,
    endingWithin90Days: 10,
    productInstances: 1,
  });
  expect(overview).toMatchObject({
    deliveredThisMonth: 15,
    firstEnd: { quantity: 10 },
    openAlerts: { major: 1 },
    counts: { licenses: 2, productInstances: 1, virtualAccounts: 4, orders: 2, tokens: 0 },
  });
  expect(overview.needsYou).toMatchObject([
    { kind: 'insufficient-licenses', quantity: 2, licenseName: 'Branch Security' },
  ]);
  expect(overview.licenses).toEqual([
    { tag: catalog.security, licenseName: 'Branch Security', owned: 10, inUse: 12, short: 2 },
    { tag: catalog.encryption, licenseName: 'Strong Encryption', owned: 5, inUse: 0, short: 0 },
  ]);
  expect(overview.ending).toHaveLength(24);
  expect(overview.ending[0]?.month).toBe(server.clock.now().toString().slice(0, 7));
  expect(overview.ending[2]).toMatchObject({
    quantity: 10,
    licenses: [{ tag: catalog.security, quantity: 10 }],
  });
  const of = (virtualAccountId: string, nested: boolean, by = administrator) =>
    by.call(getOverview, { params, query: { virtualAccountId, nested } });
  const onlyB = await of(b, false);
  expect(onlyB).toMatchObject({
    totals: { owned: 5, inUse: 0, short: 0, endingWithin90Days: 0, productInstances: 0 },
    deliveredThisMonth: 5,
    firstEnd: null,
    needsYou: [],
    openAlerts: { major: 0 },
    licenses: [{ tag: catalog.encryption, owned: 5 }],
    counts: { licenses: 1, productInstances: 0, virtualAccounts: 1, orders: 1, tokens: 0 },
  });
  expect(onlyB.ending.every(({ quantity }) => quantity === 0)).toBe(true);
  const [withNested, alone] = [await of(a, true), await of(a, false)];
  expect(withNested).toMatchObject({
    totals: { owned: 10, short: 2 },
    firstEnd: { quantity: 10 },
    openAlerts: { major: 1 },
  });
  expect(alone.totals).toEqual(withNested.totals);
  await deliver(server, { accountId }, { tag: catalog.encryption, quantity: 4, virtualAccount: 'A / Deep' });
  const owned = async (id: string, nested: boolean) => (await of(id, nested)).totals.owned;
  expect([await owned(a, true), await owned(a, false), await owned(deep, true)]).toEqual([14, 10, 4]);
  expect((await of(a, true)).counts).toMatchObject({ licenses: 2, virtualAccounts: 2, orders: 2 });
  const inB = { kind: 'virtual-accounts' as const, virtualAccounts: [{ virtualAccountId: b, nested: true }] };
  const viewer = server.client(await server.keyOf(accountId, 'viewer', inB));
  const seen = await viewer.call(getOverview, { params });
  expect(seen).toMatchObject({
    totals: { owned: 5, inUse: 0, productInstances: 0 },
    firstEnd: null,
    needsYou: [],
  });
  expect(seen.counts).toMatchObject({ licenses: 1, virtualAccounts: 1, orders: 1 });
  expect((await of(b, true, viewer)).totals).toEqual(seen.totals);
  expect((await refusal(of(a, true, viewer))).code).toBe('unknown-virtual-account');
});

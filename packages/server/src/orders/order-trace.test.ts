import {
  correctLot,
  createDeliveryRule,
  createOrder,
  createProduct,
  getAccountOrder,
  getOrder,
  transferLicenses,
} from '@estover/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  refusal,
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
let places: Record<string, string>;
const orderNumber = 'TRACE-1';

/** An order of two lines; part of the first moves on, part is withdrawn, and the second's term starts later. */
beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  seeded = await server.account('Northwind Rail');
  places = await server.virtualAccounts(seeded, 'Europe / Berlin', 'Asia');
  const { operator } = server;
  const make = (sku: string, tag: string) =>
    operator.call(createProduct, {
      body: { sku, name: sku, grants: [{ tag }], term: { kind: 'term', months: 12 } },
    });
  await make('ADV-1Y', catalog.advantage);
  await make('SEC-1Y', catalog.security);
  await operator.call(createOrder, {
    body: {
      orderNumber,
      buyer: 'Northwind Purchasing',
      orderedAt: '2026-11-20T09:00:00Z',
      lines: [
        { sku: 'ADV-1Y', quantity: 100, account: seeded.accountId, virtualAccount: 'Europe' },
        {
          sku: 'SEC-1Y',
          quantity: 5,
          account: seeded.accountId,
          virtualAccount: 'Asia',
          startDate: '2027-01-01',
        },
        { sku: 'SEC-1Y', quantity: 1, account: seeded.accountId, virtualAccount: 'Europe', state: 'booked' },
      ],
    },
  });
  server.clock.advance({ hours: 1 });
  await seeded.administrator.call(transferLicenses, {
    params: { accountId: seeded.accountId },
    body: {
      fromVirtualAccountId: places['Europe'] as string,
      toVirtualAccountId: places['Asia'] as string,
      lines: [{ tag: catalog.advantage, quantity: 30 }],
      reason: 'new site',
    },
  });
  server.clock.advance({ hours: 1 });
  const lot = await server.db
    .selectFrom('lots')
    .select('lot_id as lotId')
    .where('sku', '=', 'ADV-1Y')
    .executeTakeFirstOrThrow();
  await operator.call(correctLot, {
    params: { accountId: seeded.accountId },
    body: {
      lotId: lot.lotId,
      virtualAccountId: places['Europe'] as string,
      quantity: 10,
      reason: 'delivered too many',
    },
  });
});
afterAll(() => server.close());

test('one timeline tells the account what was booked, delivered, moved and corrected', async () => {
  const params = { accountId: seeded.accountId, orderNumber };
  const trace = await seeded.administrator.call(getAccountOrder, { params });
  expect(
    trace.timeline.map((entry) => `${entry.at} ${entry.kind} ${entry.lineNumber}: ${entry.sentence}`),
  ).toEqual([
    '2026-11-20T09:00:00Z ordered null: Northwind Purchasing ordered.',
    '2026-11-22T12:00:00Z booked 1: 100 × ADV-1Y booked for Europe of Northwind Rail.',
    '2026-11-22T12:00:00Z booked 2: 5 × SEC-1Y booked for Asia of Northwind Rail.',
    '2026-11-22T12:00:00Z booked 3: 1 × SEC-1Y booked for Europe of Northwind Rail.',
    '2026-11-22T12:00:00Z shipped 1: 100 × ADV-1Y shipped.',
    '2026-11-22T12:00:00Z shipped 2: 5 × SEC-1Y shipped.',
    '2026-11-22T12:00:00Z delivered 1: 100 Network Advantage delivered to Europe.',
    '2026-11-22T12:00:00Z delivered 2: 5 Branch Security delivered to Asia.',
    '2026-11-22T13:00:00Z moved 1: 30 Network Advantage moved from Europe to Asia by account-administrator key.',
    '2026-11-22T14:00:00Z corrected 1: 10 Network Advantage withdrawn from Europe: delivered too many',
  ]);
});

test('it tells where the licenses are now, and who uses the pool', async () => {
  await useLicenses(server, {
    accountId: seeded.accountId,
    virtualAccountId: places['Asia'] as string,
    counts: { [catalog.advantage]: 4 },
    displayName: 'router-1.asia',
  });
  const params = { accountId: seeded.accountId, orderNumber };
  const { whereNow } = await seeded.administrator.call(getAccountOrder, { params });
  expect(
    whereNow.map((here) => [
      here.lineNumber,
      here.virtualAccountPath.join(' / '),
      `${here.quantity} ${here.licenseName} ${here.state}`,
      here.poolInUse,
      here.usedBy.map((user) => `${user.displayName}: ${user.count}`),
    ]),
  ).toEqual([
    [1, 'Asia', '30 Network Advantage available', 4, ['router-1.asia: 4']],
    [1, 'Europe', '60 Network Advantage available', 0, []],
    [2, 'Asia', '5 Branch Security pending', 0, []],
  ]);
});

test('the publisher’s staff learn what was delivered where, and that it was moved, and no more', async () => {
  const trace = await server.operator.call(getOrder, { params: { orderNumber } });
  expect(
    trace.timeline
      .map((entry) => `${entry.at} ${entry.kind} ${entry.lineNumber}: ${entry.sentence}`)
      .slice(4),
  ).toEqual([
    '2026-11-22T12:00:00Z shipped 1: 100 × ADV-1Y shipped.',
    '2026-11-22T12:00:00Z shipped 2: 5 × SEC-1Y shipped.',
    '2026-11-22T12:00:00Z delivered 1: 100 Network Advantage delivered to Europe.',
    '2026-11-22T12:00:00Z delivered 2: 5 Branch Security delivered to Asia.',
    '2026-11-22T12:00:00Z moved 1: The account has moved some of this Network Advantage since.',
    '2026-11-22T14:00:00Z corrected 1: 10 Network Advantage withdrawn: delivered too many',
  ]);
  const delivered = { lotId: expect.any(String), deliveredAt: '2026-11-22T12:00:00Z' };
  expect(trace.deliveries).toEqual([
    {
      ...delivered,
      lineNumber: 1,
      tag: catalog.advantage,
      licenseName: 'Network Advantage',
      quantity: 100,
      virtualAccountId: places['Europe'],
      virtualAccountPath: ['Europe'],
      movedSince: true,
    },
    {
      ...delivered,
      lineNumber: 2,
      tag: catalog.security,
      licenseName: 'Branch Security',
      quantity: 5,
      virtualAccountId: places['Asia'],
      virtualAccountPath: ['Asia'],
      movedSince: false,
    },
  ]);
  expect(JSON.stringify(trace)).not.toContain('account-administrator key');
});

test('no restricted name is told that the order does not name: not on booking, in a trace, nor as what was meant', async () => {
  const hidden = await server.account('Contoso Ports');
  const { accountId } = hidden;
  const { 'Plans / Project Falcon': falcon } = await server.virtualAccounts(hidden, 'Plans / Project Falcon');
  const params = { accountId };
  await hidden.administrator.call(createDeliveryRule, {
    params,
    body: { sku: 'ADV-*', virtualAccountId: falcon as string },
  });
  const book = (number: string, more: { virtualAccount?: string; sku?: string } = {}) =>
    server.operator.call(createOrder, {
      body: {
        orderNumber: number,
        buyer: 'B',
        lines: [{ sku: 'ADV-1Y', quantity: 1, account: accountId, ...more }],
      },
    });
  const pathsOf = async (number: string) => {
    const trace = await server.operator.call(getOrder, { params: { orderNumber: number } });
    const { order: own } = await hidden.administrator.call(getAccountOrder, {
      params: { ...params, orderNumber: number },
    });
    return {
      told: trace.order.lines.map(({ virtualAccountPath }) => virtualAccountPath.join(' / ')),
      delivered: trace.deliveries.map(({ virtualAccountPath }) => virtualAccountPath.join(' / ')),
      inTimeline: JSON.stringify(trace.timeline).includes('Falcon'),
      own: own.lines.map(({ virtualAccountPath }) => virtualAccountPath.join(' / ')),
    };
  };
  const own = ['Plans / Project Falcon'];
  const { order } = await book('NAMES-RULE');
  expect(JSON.stringify(order)).not.toContain('Falcon');
  const unnamed = { told: ['… / …'], delivered: ['… / …'], inTimeline: false, own };
  expect(await pathsOf('NAMES-RULE')).toEqual(unnamed);
  await book('NAMES-ID', { virtualAccount: falcon as string });
  expect(await pathsOf('NAMES-ID')).toEqual(unnamed);
  await book('NAMES-PATH', { virtualAccount: 'plans / project falcon' });
  const named = ['plans / project falcon'];
  expect(await pathsOf('NAMES-PATH')).toEqual({ told: named, delivered: named, inTimeline: false, own });

  const mistyped = () => refusal(book('NAMES-TYPO', { virtualAccount: 'Plans / Project Falkon' }));
  const unknown = 'Contoso Ports has no virtual account Plans / Project Falkon.';
  expect((await mistyped()).detail).toBe(unknown);
  const open = (name: string) =>
    server.db
      .updateTable('virtual_accounts')
      .set({ access_level: 'unrestricted' })
      .where('account_id', '=', accountId)
      .where('name', '=', name)
      .execute();
  await open('Project Falcon');
  // A name above is restricted still.
  expect((await mistyped()).detail).toBe(unknown);
  await open('Plans');
  expect((await mistyped()).detail).toBe(`${unknown} Did you mean Plans / Project Falcon?`);
  expect((await pathsOf('NAMES-ID')).told).toEqual(own);
  // What the platform's trail keeps of an order is what its staff were told.
  const events = await server.db
    .selectFrom('events')
    .select('after')
    .where('account_id', '=', '00000000-0000-0000-0000-000000000000')
    .where('object_id', 'in', ['NAMES-RULE', 'NAMES-ID'])
    .execute();
  expect(events).toHaveLength(2);
  expect(JSON.stringify(events)).not.toContain('Falcon');
});

test('people of a virtual account see its lines, and no name of a place they may not see', async () => {
  const client = server.client(
    await server.keyOf(seeded.accountId, 'viewer', {
      kind: 'virtual-accounts',
      virtualAccounts: [{ virtualAccountId: places['Europe'] as string, nested: true }],
    }),
  );
  const params = { accountId: seeded.accountId, orderNumber };
  const trace = await client.call(getAccountOrder, { params });
  expect(trace.order.lines.map((line) => line.lineNumber)).toEqual([1, 3]);
  expect(trace.whereNow.map((here) => here.virtualAccountPath)).toEqual([['Europe']]);
  expect(trace.timeline.find((entry) => entry.kind === 'moved')).toMatchObject({
    sentence:
      '30 Network Advantage moved from Europe to a virtual account you may not see by account-administrator key.',
    virtualAccountPath: null,
  });
  expect(JSON.stringify(trace)).not.toContain('Asia');
});

test('an order of which the caller may see no line is not there', async () => {
  const berlin = server.client(
    await server.keyOf(seeded.accountId, 'viewer', {
      kind: 'virtual-accounts',
      virtualAccounts: [{ virtualAccountId: places['Europe / Berlin'] as string, nested: true }],
    }),
  );
  const params = { accountId: seeded.accountId, orderNumber };
  expect((await refusal(berlin.call(getAccountOrder, { params }))).code).toBe('not-found');
  const other = await server.account('Somebody Else');
  const foreign = { accountId: other.accountId, orderNumber };
  expect((await refusal(other.administrator.call(getAccountOrder, { params: foreign }))).code).toBe(
    'not-found',
  );
  expect((await refusal(other.administrator.call(getAccountOrder, { params }))).code).toBe('not-found');
  expect((await refusal(other.administrator.call(getOrder, { params: { orderNumber } }))).code).toBe(
    'not-allowed',
  );
});

import {
  cancelOrder,
  createOrder,
  createProduct,
  deleteVirtualAccount,
  getOrder,
  listAccountOrders,
  listEvents,
  listOrders,
  shipOrder,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkLedgerLaws,
  refusal,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';

let server: TestServer;
let catalog: SeededCatalog;
let seeded: SeededAccount;
let places: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  seeded = await server.account('Northwind Rail');
  places = await server.virtualAccounts(seeded, 'Europe / Berlin', 'Asia');
  const { operator } = server;
  await operator.call(createProduct, {
    body: { sku: 'ADV-PERP', name: 'Advantage', grants: [{ tag: catalog.advantage }] },
  });
  await operator.call(createProduct, {
    body: {
      sku: 'BUNDLE-1M',
      name: 'Bundle for a month',
      grants: [{ tag: catalog.advantage, quantityPerUnit: 2 }, { tag: catalog.security }],
      term: { kind: 'term', months: 1 },
    },
  });
});
afterAll(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
  await server.close();
});

let last = 0;
const nextNumber = () => `SO-${++last}`;

type Line = Partial<Parameters<typeof order>[1][number]>;
const order = (
  orderNumber: string,
  lines: {
    sku: string;
    quantity: number;
    account: string;
    virtualAccount?: string;
    startDate?: string;
    state?: 'booked' | 'shipped';
  }[],
  options: { dryRun?: boolean } = {},
) => server.operator.call(createOrder, { body: { orderNumber, buyer: 'Buyer Inc.', lines }, ...options });

const line = (more: Line = {}) => ({ sku: 'ADV-PERP', quantity: 10, account: seeded.accountId, ...more });

/** What lies where, as `license state quantity` sorted. */
async function holdings(accountId: string, virtualAccountId: string): Promise<string[]> {
  const rows = await server.db
    .selectFrom('holdings as h')
    .innerJoin('licenses as l', 'l.license_id', 'h.license_id')
    .select(['l.name', 'h.state', 'h.quantity'])
    .where('h.account_id', '=', accountId)
    .where('h.virtual_account_id', '=', virtualAccountId)
    .where('h.quantity', '>', 0)
    .execute();
  return rows.map((row) => `${row.name} ${row.state} ${row.quantity}`).sort();
}

const setStatus = (accountId: string, status: string) =>
  server.db.updateTable('accounts').set({ status }).where('account_id', '=', accountId).execute();

describe('booking', () => {
  test('lines ship and are delivered where they say: by id, by path, by domain, into the default', async () => {
    const made = await server.account('Delivered Everywhere');
    const ids = await server.virtualAccounts(made, 'Europe / Berlin');
    const orderNumber = nextNumber();
    const { order: booked } = await order(orderNumber, [
      line({ account: made.accountId, virtualAccount: ids['Europe / Berlin'] as string }),
      line({ account: 'DELIVERED-EVERYWHERE.example.', virtualAccount: 'europe/berlin', quantity: 5 }),
      line({ account: made.accountId, sku: 'BUNDLE-1M', quantity: 3 }),
    ]);
    expect(
      booked.lines.map((each) => `${each.lineNumber} ${each.state} ${each.virtualAccountPath.join('/')}`),
    ).toEqual(['1 delivered …/…', '2 delivered europe/berlin', '3 delivered Default']);
    expect(booked.lines[2]).toMatchObject({
      shippedAt: '2026-11-22T12:00:00Z',
      deliveredAt: '2026-11-22T12:00:00Z',
      endsAt: '2026-12-22T12:00:00Z',
    });
    expect(await holdings(made.accountId, ids['Europe / Berlin'] as string)).toEqual([
      'Network Advantage available 10',
      'Network Advantage available 5',
    ]);
    expect(await holdings(made.accountId, made.defaultVirtualAccountId)).toEqual([
      'Branch Security available 3',
      'Network Advantage available 6',
    ]);
    const { items } = await made.administrator.call(listEvents, { params: { accountId: made.accountId } });
    expect(items.map((event) => event.message)).toContain(
      `delivered 10 × ADV-PERP, 5 × ADV-PERP of order ${orderNumber} to Europe / Berlin`,
    );
  });

  test('a fixed start date starts the term at midnight UTC: in the future it is pending, in the past over', async () => {
    const made = await server.account('Fixed Dates');
    const { order: booked } = await order(nextNumber(), [
      line({ account: made.accountId, sku: 'BUNDLE-1M', quantity: 1, startDate: '2027-01-31' }),
      line({ account: made.accountId, sku: 'BUNDLE-1M', quantity: 7, startDate: '2020-02-29' }),
    ]);
    expect(booked.lines.map((each) => [each.startDate, each.endsAt])).toEqual([
      ['2027-01-31', '2027-02-28T00:00:00Z'],
      ['2020-02-29', '2020-03-29T00:00:00Z'],
    ]);
    expect(await holdings(made.accountId, made.defaultVirtualAccountId)).toEqual([
      'Branch Security expired 7',
      'Branch Security pending 1',
      'Network Advantage expired 14',
      'Network Advantage pending 2',
    ]);
  });

  test('a booked line delivers nothing, and its end is known when its start is', async () => {
    const made = await server.account('Only Booked');
    const { order: booked } = await order(nextNumber(), [
      line({ account: made.accountId, state: 'booked' }),
      line({ account: made.accountId, state: 'booked', sku: 'BUNDLE-1M', startDate: '2027-01-31' }),
    ]);
    expect(booked.lines.map((each) => [each.state, each.shippedAt, each.endsAt])).toEqual([
      ['booked', null, null],
      ['booked', null, '2027-02-28T00:00:00Z'],
    ]);
    expect(await holdings(made.accountId, made.defaultVirtualAccountId)).toEqual([]);
  });

  test('everything that is wrong is told at once, with what was meant, and nothing is written', async () => {
    const orderNumber = nextNumber();
    const problem = await refusal(
      order(orderNumber, [
        line({ sku: 'ADV-PREP' }),
        line({ account: 'northwind-rial.example' }),
        line({ virtualAccount: 'Europe / Belrin' }),
        line({ startDate: '2027-01-01' }),
        line({ sku: 'BUNDLE-1M', quantity: 600_000_000 }),
      ]),
    );
    expect(problem.code).toBe('unknown-sku');
    expect(problem.errors?.map((error) => `${error.pointer} ${error.code}: ${error.detail}`)).toEqual([
      'body/lines/0/sku unknown-sku: There is no product with the SKU ADV-PREP. Did you mean ADV-PERP?',
      'body/lines/1/account unknown-account: There is no account northwind-rial.example. Did you mean northwind-rail.example?',
      'body/lines/2/virtualAccount unknown-virtual-account: Northwind Rail has no virtual account Europe / Belrin.',
      'body/lines/3/startDate start-date-without-term: ADV-PERP is perpetual: it has no term that could start on 2027-01-01. Leave the date out.',
      'body/lines/4/quantity quantity-too-large: 600000000 × BUNDLE-1M would bring 1200000000 Network Advantage; a line brings at most 1000000000 of a license.',
    ]);
    expect((await refusal(server.operator.call(getOrder, { params: { orderNumber } }))).code).toBe(
      'not-found',
    );
  });

  test('a number is taken once, also by two at the same time', async () => {
    const orderNumber = nextNumber();
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        order(orderNumber, [line({ virtualAccount: places['Asia'] as string, quantity: 1 })]).then(
          () => 'booked',
          (error: { problem: { code: string } }) => error.problem.code,
        ),
      ),
    );
    expect(results.sort()).toEqual(['booked', ...Array.from({ length: 7 }, () => 'order-number-taken')]);
    expect(await holdings(seeded.accountId, places['Asia'] as string)).toEqual([
      'Network Advantage available 1',
    ]);
  });

  test('the same request again gets the same answer and delivers nothing more', async () => {
    const made = await server.account('Retried Order');
    const body = { orderNumber: nextNumber(), buyer: 'Buyer', lines: [line({ account: made.accountId })] };
    const again = { body, idempotencyKey: 'order-retry' };
    const answers = await Promise.all(
      [again, again, again].map((one) => server.operator.call(createOrder, one)),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(await holdings(made.accountId, made.defaultVirtualAccountId)).toEqual([
      'Network Advantage available 10',
    ]);
  });

  test('a dry run answers the order and keeps nothing', async () => {
    const orderNumber = nextNumber();
    const { order: shown } = await order(orderNumber, [line()], { dryRun: true });
    expect(shown.lines[0]?.state).toBe('delivered');
    expect((await refusal(server.operator.call(getOrder, { params: { orderNumber } }))).code).toBe(
      'not-found',
    );
  });

  test('a customer books nothing, not even for its own account', async () => {
    const body = { orderNumber: nextNumber(), buyer: 'Me', lines: [line()] };
    expect((await refusal(seeded.administrator.call(createOrder, { body }))).code).toBe('not-allowed');
    expect((await refusal(seeded.administrator.call(listOrders, {}))).code).toBe('not-allowed');
  });
});

describe('shipping and cancelling', () => {
  test('booked lines ship one by one or all that are left; the clock starts on delivery', async () => {
    const made = await server.account('Ships Later');
    const orderNumber = nextNumber();
    const month = { account: made.accountId, sku: 'BUNDLE-1M', quantity: 1, state: 'booked' as const };
    await order(orderNumber, [month, month, month]);
    const at = server.clock.now().toString();
    server.clock.set('2027-01-31T08:00:00Z');
    const params = { orderNumber };
    const first = await server.operator.call(shipOrder, { params, body: { lines: [2] } });
    expect(first.order.lines.map((each) => [each.state, each.endsAt])).toEqual([
      ['booked', null],
      ['delivered', '2027-02-28T08:00:00Z'],
      ['booked', null],
    ]);
    const again = await refusal(server.operator.call(shipOrder, { params, body: { lines: [2, 1, 9] } }));
    expect(again.errors?.map((error) => error.detail)).toEqual([
      'Line 2 is delivered and cannot be shipped.',
      'There is no line 9.',
    ]);
    const rest = await server.operator.call(shipOrder, { params, body: {} });
    expect(rest.order.lines.map((each) => each.state)).toEqual(['delivered', 'delivered', 'delivered']);
    expect((await refusal(server.operator.call(shipOrder, { params, body: {} }))).code).toBe('order-state');
    server.clock.set(at);
    expect(await holdings(made.accountId, made.defaultVirtualAccountId)).toEqual([
      ...Array.from({ length: 3 }, () => 'Branch Security available 1'),
      ...Array.from({ length: 3 }, () => 'Network Advantage available 2'),
    ]);
  });

  test('two that ship the same line at once deliver it once', async () => {
    const made = await server.account('Shipped Twice');
    const orderNumber = nextNumber();
    await order(orderNumber, [line({ account: made.accountId, state: 'booked' })]);
    const results = await Promise.all(
      Array.from({ length: 10 }, () =>
        server.operator.call(shipOrder, { params: { orderNumber }, body: {} }).then(
          () => 'shipped',
          (error: { problem: { code: string } }) => error.problem.code,
        ),
      ),
    );
    expect(results.filter((result) => result === 'shipped')).toHaveLength(1);
    expect(results.filter((result) => result === 'order-state')).toHaveLength(9);
    expect(await holdings(made.accountId, made.defaultVirtualAccountId)).toEqual([
      'Network Advantage available 10',
    ]);
  });

  test('lines of an account that is not active are on hold until it is', async () => {
    const made = await server.account('Suspended Once');
    await setStatus(made.accountId, 'suspended');
    const orderNumber = nextNumber();
    const params = { orderNumber };
    const { order: booked } = await order(orderNumber, [line({ account: made.accountId })]);
    expect(booked.lines[0]).toMatchObject({ state: 'on-hold', deliveredAt: null });
    const held = await refusal(server.operator.call(shipOrder, { params, body: {} }));
    expect(held.detail).toBe('Line 1 is on hold: the account Suspended Once is not active.');
    await setStatus(made.accountId, 'active');
    const { order: shipped } = await server.operator.call(shipOrder, { params, body: {} });
    expect(shipped.lines[0]?.state).toBe('delivered');
    expect(await holdings(made.accountId, made.defaultVirtualAccountId)).toEqual([
      'Network Advantage available 10',
    ]);
  });

  test('what is not delivered can be cancelled, with a reason, and then not be shipped', async () => {
    const orderNumber = nextNumber();
    const params = { orderNumber };
    await order(orderNumber, [line({ state: 'booked' }), line({ virtualAccount: 'Europe' })]);
    const cancel = (lines?: number[]) =>
      server.operator.call(cancelOrder, {
        params,
        body: { reason: 'ordered twice', ...(lines === undefined ? {} : { lines }) },
      });
    expect((await refusal(cancel([1, 2]))).detail).toBe('Line 2 is delivered and cannot be cancelled.');
    const { order: cancelled } = await cancel();
    expect(cancelled.lines.map((each) => each.state)).toEqual(['cancelled', 'delivered']);
    expect((await refusal(cancel())).code).toBe('order-state');
    expect((await refusal(server.operator.call(shipOrder, { params, body: { lines: [1] } }))).detail).toBe(
      'Line 1 is cancelled and cannot be shipped.',
    );
    const unknown = { params: { orderNumber: 'NO-SUCH' }, body: { reason: 'x' } };
    expect((await refusal(server.operator.call(cancelOrder, unknown))).code).toBe('not-found');
  });
});

describe('while virtual accounts are deleted', () => {
  test('nothing is delivered into one that is gone: it is refused or moves along', async () => {
    const made = await server.account('Deleted Meanwhile');
    for (let round = 0; round < 5; round++) {
      const name = `Short-lived ${round}`;
      const ids = await server.virtualAccounts(made, name);
      const line = { sku: 'ADV-PERP', quantity: 1, account: made.accountId, virtualAccount: name };
      const booked = nextNumber();
      await order(booked, [{ ...line, state: 'booked' }]);
      const outcomes = await Promise.all([
        ...Array.from({ length: 4 }, () =>
          order(nextNumber(), [line]).then(
            () => 'delivered',
            (error: { problem: { code: string } }) => error.problem.code,
          ),
        ),
        server.operator
          .call(shipOrder, { params: { orderNumber: booked }, body: {} })
          .then(({ order: shipped }) => shipped.lines[0]?.state),
        made.administrator
          .call(deleteVirtualAccount, {
            params: { accountId: made.accountId, virtualAccountId: ids[name] as string },
            query: { contentsTo: made.defaultVirtualAccountId },
          })
          .then(() => 'deleted'),
      ]);
      expect(
        new Set(outcomes).difference(new Set(['delivered', 'deleted', 'unknown-virtual-account'])),
      ).toEqual(new Set());
      expect(await holdings(made.accountId, ids[name] as string)).toEqual([]);
      const { rows } = await sql<{ delivered: number; there: number }>`
        select (select coalesce(sum(delivered), 0) from lots where account_id = ${made.accountId}) as delivered,
               (select coalesce(sum(quantity), 0) from holdings
                 where account_id = ${made.accountId}
                   and virtual_account_id = ${made.defaultVirtualAccountId}) as there`.execute(server.db);
      expect(rows[0]?.there).toBe(rows[0]?.delivered);
    }
  });
});

describe('lists', () => {
  test('the newest first, page by page, with how many lines are in which state', async () => {
    const made = await server.account('Listed');
    const numbers: string[] = [];
    for (let day = 1; day <= 5; day++) {
      const orderNumber = `LISTED-${day}`;
      numbers.unshift(orderNumber);
      await server.operator.call(createOrder, {
        body: {
          orderNumber,
          buyer: 'Listed buyer',
          orderedAt: `2026-10-0${day}T00:00:00Z`,
          lines: [
            line({ account: made.accountId, quantity: day }),
            line({ account: made.accountId, state: 'booked', quantity: 2 }),
          ],
        },
      });
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await server.operator.call(listOrders, {
        query: { search: 'LISTED-', limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      });
      seen.push(...page.items.map((item) => item.orderNumber));
      expect(page.items[0]?.states).toEqual({ delivered: 1, booked: 1 });
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(numbers);
    const own = await made.administrator.call(listAccountOrders, {
      params: { accountId: made.accountId },
      query: { state: 'booked', search: 'listed-3' },
    });
    expect(own.items).toEqual([
      {
        orderNumber: 'LISTED-3',
        buyer: 'Listed buyer',
        orderedAt: '2026-10-03T00:00:00Z',
        accounts: ['Listed'],
        lines: 2,
        units: 5,
        states: { delivered: 1, booked: 1 },
      },
    ]);
    const none = await server.operator.call(listOrders, { query: { search: 'LISTED-', state: 'cancelled' } });
    expect(none.items).toEqual([]);
  });

  test('people of a virtual account see the orders that go there, and only these lines', async () => {
    const made = await server.account('Scoped Orders');
    const ids = await server.virtualAccounts(made, 'North / Sea', 'South');
    const [mixed, south] = [nextNumber(), nextNumber()];
    await order(mixed, [
      line({ account: made.accountId, virtualAccount: 'North / Sea', quantity: 3 }),
      line({ account: made.accountId, virtualAccount: 'South', quantity: 4 }),
      line({ quantity: 5 }),
    ]);
    await order(south, [line({ account: made.accountId, virtualAccount: 'South' })]);
    const params = { accountId: made.accountId };
    const north = server.client(
      await server.keyOf(made.accountId, 'virtual-account-user', {
        kind: 'virtual-accounts',
        virtualAccounts: [{ virtualAccountId: ids['North'] as string, nested: true }],
      }),
    );
    const seen = await north.call(listAccountOrders, { params });
    expect(seen.items.map((item) => [item.orderNumber, item.lines, item.units])).toEqual([[mixed, 1, 3]]);
    const hidden = await north.call(listAccountOrders, { params, query: { search: 'south' } });
    expect(hidden.items).toEqual([]);
    const all = await made.administrator.call(listAccountOrders, { params });
    expect(all.items.map((item) => [item.orderNumber, item.lines, item.units])).toEqual([
      [south, 1, 10],
      [mixed, 2, 7],
    ]);
    expect(all.items.map((item) => item.accounts)).toEqual([['Scoped Orders'], ['Scoped Orders']]);
    const whole = await server.operator.call(listOrders, { query: { search: mixed } });
    expect(whole.items.map((item) => item.accounts)).toEqual([['Northwind Rail', 'Scoped Orders']]);
    expect((await refusal(seeded.administrator.call(listAccountOrders, { params }))).code).toBe('not-found');
  });
});

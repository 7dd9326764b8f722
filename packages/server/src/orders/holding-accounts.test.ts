import { readFile } from 'node:fs/promises';
import {
  cancelOrder,
  closeAccount,
  createOrder,
  createProduct,
  getAccountOrder,
  getOrder,
  listAccountOrders,
  listEvents,
  listInventory,
  reactivateAccount,
  shipOrder,
  suspendAccount,
  transferLicenses,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  refusal,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { checkLedgerLaws } from '../testing/ledger-laws.ts';

let server: TestServer;
let catalog: SeededCatalog;
const sku = 'SEC-1Y';

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  await server.operator.call(createProduct, {
    body: {
      sku,
      name: 'Branch Security, 1 year',
      grants: [{ tag: catalog.security }, { tag: catalog.advantage, quantityPerUnit: 2 }],
      term: { kind: 'term', months: 12 },
    },
  });
});
afterAll(() => server.close());

const become = (accountId: string, kind: 'holding' | 'customer') =>
  server.db.updateTable('accounts').set({ kind }).where('account_id', '=', accountId).execute();

async function holding(name: string): Promise<SeededAccount> {
  const account = await server.account(name);
  await become(account.accountId, 'holding');
  return account;
}

const book = (orderNumber: string, accountId: string, more: { virtualAccount?: string } = {}) =>
  server.operator.call(createOrder, {
    body: {
      orderNumber,
      buyer: 'Distributor',
      lines: [
        { sku, quantity: 10, account: accountId, ...more },
        { sku, quantity: 3, account: accountId, state: 'booked' as const, ...more },
      ],
    },
  });
const statesOf = async (orderNumber: string) => {
  const { order } = await server.operator.call(getOrder, { params: { orderNumber } });
  return order.lines.map(({ state, waitsFor }) => `${state}: ${waitsFor?.sentence ?? ''}`);
};
const lotsOf = async (accountId: string) => {
  const { rows } = await sql<{ lots: number; pools: number; movements: number }>`
    select (select count(*) from lots where account_id = ${accountId}) as lots,
           (select count(*) from movements where account_id = ${accountId}) as movements,
           (select count(*) from pools
             where account_id = ${accountId} and pending + available + reserved + held + expired > 0) as pools`.execute(
    server.db,
  );
  return rows[0];
};
const nothing = { lots: 0, pools: 0, movements: 0 };

describe('a line for a holding account', () => {
  it('is held there when it has shipped: no license, no clock, and its people see it', async () => {
    const reseller = await holding('Reseller');
    const { accountId, administrator } = reseller;
    const places = await server.virtualAccounts(reseller, 'North', 'South');
    const { order } = await book('H-1', accountId, { virtualAccount: 'North' });
    expect(order.lines.map(({ state, deliveredAt, endsAt }) => ({ state, deliveredAt, endsAt }))).toEqual([
      { state: 'shipped', deliveredAt: null, endsAt: null },
      { state: 'booked', deliveredAt: null, endsAt: null },
    ]);
    await server.operator.call(shipOrder, { params: { orderNumber: 'H-1' }, body: {} });
    const held = 'shipped: Held at Reseller for a customer.';
    expect(await statesOf('H-1')).toEqual([held, held]);
    const again = server.operator.call(shipOrder, { params: { orderNumber: 'H-1' }, body: { lines: [1] } });
    expect(await refusal(again)).toMatchObject({
      code: 'order-state',
      detail: 'Line 1 has shipped and is held at Reseller.',
    });
    expect(await lotsOf(accountId)).toEqual(nothing);
    const params = { accountId };
    expect((await administrator.call(listInventory, { params })).items).toEqual([]);
    const moving = administrator.call(transferLicenses, {
      params,
      body: {
        fromVirtualAccountId: places['North'] as string,
        toVirtualAccountId: places['South'] as string,
        lines: [{ tag: catalog.security, quantity: 1 }],
        reason: 'x',
      },
    });
    expect(await refusal(moving)).toMatchObject({ code: 'insufficient-licenses' });

    const trace = await administrator.call(getAccountOrder, { params: { accountId, orderNumber: 'H-1' } });
    expect(trace.whereNow).toEqual([]);
    expect(trace.timeline.map(({ kind, sentence }) => `${kind} ${sentence}`).slice(-2)).toEqual([
      `held 10 × ${sku} held at Reseller.`,
      `held 3 × ${sku} held at Reseller.`,
    ]);
    const seen = async (place: string) => {
      const virtualAccounts = [{ virtualAccountId: places[place] as string, nested: true }];
      const key = await server.keyOf(accountId, 'viewer', { kind: 'virtual-accounts', virtualAccounts });
      const { items } = await server.client(key).call(listAccountOrders, { params });
      return items.map(({ orderNumber, states }) => ({ orderNumber, states }));
    };
    expect(await seen('North')).toEqual([{ orderNumber: 'H-1', states: { shipped: 2 } }]);
    expect(await seen('South')).toEqual([]);
  });

  it('waits while the account is suspended, is held again after it, and keeps the account from being closed', async () => {
    const { accountId } = await holding('Paused');
    const params = { accountId };
    await server.operator.call(suspendAccount, { params, body: { reason: 'x' } });
    await book('H-2', accountId);
    expect(await statesOf('H-2')).toEqual([
      'on-hold: Paused is not active.',
      'on-hold: Paused is not active.',
    ]);
    const { deliveredLines } = await server.operator.call(reactivateAccount, { params });
    expect(deliveredLines).toBe(0);
    expect(await statesOf('H-2')).toEqual(['shipped: Held at Paused for a customer.', 'booked: ']);
    expect(await lotsOf(accountId)).toEqual(nothing);
    const { administrator } = {
      administrator: server.client(await server.keyOf(accountId, 'account-administrator')),
    };
    const dryRun = true;
    const closing = () => administrator.call(closeAccount, { params, body: { reason: 'x' }, dryRun });
    expect(await refusal(closing())).toMatchObject({
      code: 'account-not-empty',
      contents: { openOrderLines: 2, licenses: 0 },
    });
    await server.operator.call(cancelOrder, { params: { orderNumber: 'H-2' }, body: { reason: 'x' } });
    expect((await closing()).account.status).toBe('closed');
  });

  it('is what deposits of before become, where nothing touched them; others stay, and the doctor names them', async () => {
    const untouched = await server.account('Untouched');
    const moved = await server.account('Moved');
    const customer = await server.account('Customer');
    const places = await server.virtualAccounts(moved, 'Elsewhere');
    await book('M-1', untouched.accountId);
    await server.operator.call(createOrder, {
      body: {
        orderNumber: 'M-2',
        buyer: 'B',
        lines: [
          { sku, quantity: 4, account: moved.accountId },
          { sku, quantity: 5, account: moved.accountId, startDate: '2027-01-01' },
          { sku, quantity: 6, account: customer.accountId },
        ],
      },
    });
    await moved.administrator.call(transferLicenses, {
      params: { accountId: moved.accountId },
      body: {
        fromVirtualAccountId: moved.defaultVirtualAccountId,
        toVirtualAccountId: places['Elsewhere'] as string,
        lines: [{ tag: catalog.security, quantity: 1 }],
        reason: 'x',
      },
    });
    await become(untouched.accountId, 'holding');
    await become(moved.accountId, 'holding');
    const migration = new URL('../database/migrations/0037-held-at-holding-accounts.sql', import.meta.url);
    const text = await readFile(migration, 'utf8');
    await server.db.transaction().execute((trx) => sql.raw(text).execute(trx));
    await server.db.transaction().execute((trx) => sql.raw(text).execute(trx));

    expect(await statesOf('M-1')).toEqual(['shipped: Held at Untouched for a customer.', 'booked: ']);
    expect(await lotsOf(untouched.accountId)).toEqual(nothing);
    expect(await statesOf('M-2')).toEqual([
      'delivered: ',
      'shipped: Held at Moved for a customer.',
      'delivered: ',
    ]);
    expect(await lotsOf(customer.accountId)).toEqual({ lots: 2, pools: 2, movements: 2 });
    const { items } = await untouched.administrator.call(listEvents, {
      params: { accountId: untouched.accountId },
      query: { operation: 'holdOrderLines' },
    });
    expect(items.map(({ message, after }) => ({ message, after }))).toEqual([
      {
        message:
          'took back the licenses of order M-1, which nothing had used, and holds its lines for customers',
        after: { lineNumbers: [1] },
      },
    ]);
    const findings = (await checkLedgerLaws(server.db)).map((line) =>
      line.replaceAll(/[0-9a-f-]{36}/g, 'id'),
    );
    const named = (found: number) =>
      `No licenses of orders lie in a holding account. account id, lot id, line number 1, order number M-2, virtual account id: expected 0, found ${found}`;
    expect(findings.toSorted()).toEqual([1, 3, 8].map(named));
  });
});

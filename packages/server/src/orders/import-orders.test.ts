import { IMPORT_COLUMNS } from '@estover/domain/orders';
import {
  createProduct,
  getOrder,
  importColumns,
  importOrders,
  listOrders,
  type QueryOf,
} from '@estover/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  refusal,
  type SeededAccount,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';

let server: TestServer;
let seeded: SeededAccount;

beforeAll(async () => {
  server = await startTestServer();
  const catalog = await seedCatalog(server);
  seeded = await server.account('Northwind Rail');
  await server.virtualAccounts(seeded, 'Europe / Berlin');
  await server.operator.call(createProduct, {
    body: { sku: 'ADV-PERP', name: 'Advantage', grants: [{ tag: catalog.advantage }] },
  });
  await server.operator.call(createProduct, {
    body: {
      sku: 'SEC-1Y',
      name: 'Security for a year',
      grants: [{ tag: catalog.security }],
      term: { kind: 'term', months: 12 },
    },
  });
});
afterAll(() => server.close());

const load = (
  body: string,
  more: { query?: Partial<QueryOf<typeof importOrders>>; dryRun?: boolean; contentType?: string } = {},
) => server.operator.call(importOrders, { body, ...more });

const isThere = async (orderNumber: string): Promise<boolean> =>
  (await server.operator.call(listOrders, { query: { search: orderNumber } })).items.some(
    (item) => item.orderNumber === orderNumber,
  );

const header = 'order_number,buyer,sku,quantity,account';

describe('CSV', () => {
  test('takes BOM, CRLF, quotes, blank rows, any order of columns, and rows of one order apart', async () => {
    const file = [
      '\uFEFFSKU,quantity,order_number,buyer,account,virtual_account,start_date,state,line,ordered_at,',
      'ADV-PERP,10,CSV-1,"Miller, ""Sons"" & Co",northwind-rail.example,Europe / Berlin,,,,2026-10-01,',
      '',
      `SEC-1Y,3,CSV-2,"=HYPERLINK(""http://x"")",${''}northwind-rail.example,,2027-01-01,booked,7,,`,
      'SEC-1Y,5,CSV-1,"Miller, ""Sons"" & Co",NORTHWIND-RAIL.example,,2026-01-31,shipped,,,',
      '',
    ].join('\r\n');
    expect(await load(file)).toEqual({ orders: 2, lines: 3, delivered: 2, skippedOrders: [], errors: [] });
    const first = await server.operator.call(getOrder, { params: { orderNumber: 'CSV-1' } });
    expect(first.order).toMatchObject({
      buyer: 'Miller, "Sons" & Co',
      orderedAt: '2026-10-01T00:00:00Z',
      lines: [
        { lineNumber: 1, sku: 'ADV-PERP', quantity: 10, virtualAccountPath: ['Europe', 'Berlin'] },
        { lineNumber: 2, sku: 'SEC-1Y', endsAt: '2027-01-31T00:00:00Z', virtualAccountPath: ['Default'] },
      ],
    });
    const second = await server.operator.call(getOrder, { params: { orderNumber: 'CSV-2' } });
    expect(second.order).toMatchObject({
      buyer: '=HYPERLINK("http://x")',
      orderedAt: '2026-11-22T12:00:00Z',
      lines: [{ lineNumber: 7, state: 'booked', startDate: '2027-01-01' }],
    });
  });

  test('semicolons are understood, as some spreadsheets write them', async () => {
    const file = `${header.replaceAll(',', ';')}\nSEMI-1;Smith, Jones;ADV-PERP;1;northwind-rail.example\n`;
    expect(await load(file)).toMatchObject({ orders: 1, delivered: 1 });
  });

  const mixed = [
    `${header},virtual_account,start_date`,
    'MIX-1,Buyer,ADV-PERP,1,northwind-rail.example,,',
    'MIX-2,Buyer,ADV-PRP,ten,northwind-rail.example,Europe / Berln,',
    'CSV-TAKEN,Buyer,ADV-PERP,1,northwind-rail.example,,2027-01-01',
    'MIX-3,Buyer,ADV-PERP,1,nortwind-rail.example,,',
    'MIX-2,Buyer,ADV-PERP,1,northwind-rail.example,,',
    'MIX-4,Buyer,ADV-PERP,1',
    ',Buyer,NO-SUCH,1,northwind-rail.example,,',
  ].join('\n');

  test('with errors nothing is taken, and all of them are told at once', async () => {
    await load(`${header}\nCSV-TAKEN,Buyer,ADV-PERP,1,northwind-rail.example\n`);
    const problem = await refusal(load(mixed));
    expect(problem.code).toBe('import-refused');
    expect(
      problem.errors?.map(({ row, column, code, detail }) => `${row} ${column} ${code}: ${detail}`),
    ).toEqual([
      '3 quantity quantity-invalid: ten is not a quantity: write a whole number from 1 to 1000000000, without separators.',
      '3 sku unknown-sku: There is no product with the SKU ADV-PRP. Did you mean ADV-PERP?',
      '3 virtual_account unknown-virtual-account: Northwind Rail has no virtual account Europe / Berln.',
      '4 order_number order-number-taken: There is an order CSV-TAKEN already.',
      '4 start_date start-date-without-term: ADV-PERP is perpetual: it has no term that could start on 2027-01-01. Leave the date out.',
      '5 account unknown-account: There is no account nortwind-rail.example. Did you mean northwind-rail.example?',
      '7 order_number wrong-number-of-cells: The row has 4 cells, the header 7.',
      '8 order_number value-missing: The row has no order number.',
      '8 sku unknown-sku: There is no product with the SKU NO-SUCH.',
    ]);
    expect(await isThere('MIX-1')).toBe(false);
  });

  test('with goodRowsOnly every order without a bad row is taken, and no half order', async () => {
    const shown = await load(mixed, { query: { goodRowsOnly: true }, dryRun: true });
    expect(await isThere('MIX-1')).toBe(false);
    const taken = await load(mixed, { query: { goodRowsOnly: true } });
    expect(taken).toEqual(shown);
    expect(taken).toMatchObject({
      orders: 1,
      lines: 1,
      delivered: 1,
      skippedOrders: ['MIX-2', 'CSV-TAKEN', 'MIX-3', 'MIX-4'],
    });
    expect(taken.errors).toHaveLength(9);
    expect([await isThere('MIX-1'), await isThere('MIX-2')]).toEqual([true, false]);
  });

  test('a header that cannot be understood stops everything', async () => {
    const problem = await refusal(
      load('order_number,buyer,sku,quanity,account\nH-1,B,ADV-PERP,1,northwind-rail.example', {
        query: { goodRowsOnly: true },
      }),
    );
    expect(problem.code).toBe('import-refused');
    expect(problem.errors?.map((error) => error.code)).toEqual(['unknown-column', 'missing-column']);
    expect(problem.detail).toContain('Did you mean quantity?');
  });

  test.each([
    ['', 'The file is empty'],
    ['\n\n', 'The file is empty'],
    [`${header}\n"OPEN-1,Buyer`, 'not well-formed CSV'],
    [`${header}\nX-1,M\uFFFDller,ADV-PERP,1,northwind-rail.example`, 'not in UTF-8'],
  ])('%j is malformed', async (file, detail) => {
    const problem = await refusal(load(file));
    expect(problem.code).toBe('malformed-body');
    expect(problem.detail).toContain(detail);
  });

  test('a NUL in a cell is an error of the row', async () => {
    const problem = await refusal(load(`${header}\nNUL-1,Buy\0er,ADV\0PERP,1,northwind-rail.example`));
    expect(problem.errors?.map((error) => `${error['column']} ${error.code}`)).toEqual([
      'sku control-characters',
      'buyer control-characters',
    ]);
  });

  test('the same request again takes nothing twice', async () => {
    const body = `${header}\nRETRY-1,Buyer,ADV-PERP,1,northwind-rail.example`;
    const first = await server.operator.call(importOrders, { body, idempotencyKey: 'import-retry' });
    const second = await server.operator.call(importOrders, { body, idempotencyKey: 'import-retry' });
    expect(second).toEqual(first);
    expect((await refusal(load(body))).errors?.[0]?.code).toBe('order-number-taken');
  });
});

describe('JSON', () => {
  const json = { contentType: 'application/json' };
  const order = (orderNumber: string, more: object = {}) => ({
    orderNumber,
    buyer: 'Buyer',
    lines: [{ sku: 'ADV-PERP', quantity: 2, account: seeded.accountId, ...more }],
  });

  test('an array of orders is taken as createOrder takes them', async () => {
    const body = JSON.stringify([order('JSON-1'), order('JSON-2', { state: 'booked' })]);
    expect(await load(body, json)).toMatchObject({ orders: 2, lines: 2, delivered: 1, errors: [] });
    expect(await isThere('JSON-2')).toBe(true);
  });

  test('errors name the position of the order and the member', async () => {
    const body = JSON.stringify([
      order('JSON-3', { quantity: 0 }),
      order('JSON-4', { sku: 'ADV-PRP' }),
      order('JSON-5'),
      order('JSON-5'),
      'no order',
    ]);
    const problem = await refusal(load(body, json));
    expect(problem.errors?.map((error) => `${error['row']} ${error['column']} ${error.code}`)).toEqual([
      '1 lines/0/quantity too_small',
      '2 lines/0/sku unknown-sku',
      '4 orderNumber order-repeated',
      '5  invalid_type',
    ]);
    const taken = await load(body, { ...json, query: { goodRowsOnly: true } });
    expect(taken).toMatchObject({ orders: 0, skippedOrders: ['JSON-4', 'JSON-5', 'JSON-3'] });
  });

  test.each(['{', '{"orders":[]}', ''])('%j is malformed', async (body) => {
    expect((await refusal(load(body, json))).code).toBe('malformed-body');
  });

  test('other media types are not taken', async () => {
    expect((await refusal(load('x', { contentType: 'application/xml' }))).code).toBe(
      'unsupported-media-type',
    );
  });
});

test('the columns that are read are those the protocol names', () => {
  expect(IMPORT_COLUMNS).toEqual(importColumns);
});

test('a customer imports nothing', async () => {
  const body = `${header}\nMINE-1,Me,ADV-PERP,1,northwind-rail.example`;
  expect((await refusal(seeded.administrator.call(importOrders, { body }))).code).toBe('not-allowed');
});

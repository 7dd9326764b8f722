import {
  createLicense,
  downloadLicenseSubscriptionsReport,
  downloadLicensesReport,
  downloadProductInstancesReport,
  listInventory,
  listProductInstances,
} from '@estover/protocol';
import { parse } from 'csv-parse/sync';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deliver,
  refusal,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  tagOf,
  useLicenses,
} from '../testing/index.ts';

let server: TestServer;
let catalog: SeededCatalog;
let seeded: SeededAccount;
let places: Record<string, string>;
let apiKey: string;

const formula = '=HYPERLINK("http://x","y") & <b>';

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  seeded = await server.account('Northwind Rail');
  apiKey = await server.keyOf(seeded.accountId, 'account-administrator');
  places = await server.virtualAccounts(seeded, 'Europe / Berlin', '+Asia');
  await server.operator.call(createLicense, {
    body: { tag: tagOf('formula'), name: formula, version: '1.0' },
  });
  const place = (path: string) => ({ virtualAccount: places[path] as string });
  await deliver(server, seeded, { tag: catalog.advantage, quantity: 100, ...place('Europe / Berlin') });
  await deliver(server, seeded, { tag: catalog.security, quantity: 7, term: { kind: 'term', months: 1 } });
  await deliver(server, seeded, {
    tag: catalog.security,
    quantity: 3,
    term: { kind: 'demo', days: 10 },
    ...place('+Asia'),
  });
  await deliver(server, seeded, {
    tag: catalog.advantage,
    quantity: 5,
    term: { kind: 'term', months: 12 },
    startDate: '2027-01-01',
    billing: 'usage',
    ...place('Europe'),
  });
  await deliver(server, seeded, { tag: tagOf('formula'), quantity: 1, ...place('+Asia') });
  const use = (path: string, displayName: string, counts: Record<string, number>) =>
    useLicenses(server, {
      accountId: seeded.accountId,
      virtualAccountId: places[path] as string,
      displayName,
      counts,
    });
  await use('Europe / Berlin', '@router <1>', { [catalog.advantage]: 10, [catalog.essentials]: 50 });
  await use('+Asia', 'firewall', { [catalog.security]: 8 });
  await use('+Asia', 'idle', {});
  // One that fell silent, one that left, and one that uses a tag nobody knows.
  const set = (displayName: string, values: { state: string }) =>
    server.db.updateTable('product_instances').set(values).where('display_name', '=', displayName).execute();
  await use('Europe', 'silent', {});
  await set('silent', { state: 'authorization-expired' });
  await use('Europe', 'left', {});
  await set('left', { state: 'removed' });
  const odd = await use('Europe', 'odd', {});
  await server.db
    .insertInto('instance_usage')
    .values({
      account_id: seeded.accountId,
      instance_id: odd,
      tag: tagOf('nobody knows'),
      license_id: null,
      virtual_account_id: places['Europe'] as string,
      count: 2,
      changed_at: server.clock.now(),
    })
    .execute();
});
afterAll(() => server.close());

type Download =
  | typeof downloadLicensesReport
  | typeof downloadLicenseSubscriptionsReport
  | typeof downloadProductInstancesReport;

async function download(
  operation: Download,
  query: Record<string, string> = {},
  key = apiKey,
): Promise<Response> {
  const path = operation.path.replace('{accountId}', seeded.accountId);
  const response = await fetch(`${server.address}${path}?${new URLSearchParams(query)}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(response.status).toBe(200);
  return response;
}

type JsonRow = Record<string, string | number | string[] | null>;

async function jsonRows(operation: Download, query: Record<string, string> = {}): Promise<JsonRow[]> {
  const body: unknown = await (await download(operation, query)).json();
  return (body as { rows: JsonRow[] }).rows;
}

const csvRows = async (operation: Download, query: Record<string, string> = {}): Promise<string[][]> =>
  parse(await (await download(operation, { ...query, format: 'csv' })).text(), { bom: true });

/** The parts of a spreadsheet, and the cells of its first sheet as `type:value`. */
async function openXlsx(response: Response) {
  const parts = unzipSync(new Uint8Array(await response.arrayBuffer()));
  const text = (name: string) => strFromU8(parts[name] ?? new Uint8Array());
  const sheet = text('xl/worksheets/sheet1.xml');
  const textOf = (xml: string) =>
    xml.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  const rows = [...sheet.matchAll(/<row>(.*?)<\/row>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<c\/>|<c([^>]*)>(.*?)<\/c>/gs)].map(([, attributes, inner = '']) => {
      if (attributes === undefined) return '';
      const string = /^<is><t[^>]*>(.*)<\/t><\/is>$/s.exec(inner);
      if (string !== null) {
        expect(attributes).toContain('t="inlineStr"');
        return `text:${textOf(string[1] ?? '')}`;
      }
      return `${attributes.includes('s="2"') ? 'date' : 'number'}:${/^<v>(.*)<\/v>$/.exec(inner)?.[1]}`;
    }),
  );
  return { parts: Object.keys(parts), sheet, rows, text };
}

describe('licenses', () => {
  const filters: Record<string, string>[] = [
    {},
    { by: 'license' },
    { state: 'out-of-compliance' },
    { family: 'Security' },
    { tag: tagOf('formula') },
    { search: 'advantage' },
    { search: 'ESSENTIALS,1.0' },
    { endingWithinDays: '15' },
    { trouble: 'true' },
    { trouble: 'true', by: 'license' },
    { nested: 'false', virtualAccountId: 'Europe' },
    { virtualAccountId: 'Europe' },
    { asOf: '2026-12-30T00:00:00Z' },
    { asOf: '2027-02-01T00:00:00Z', by: 'license' },
    { asOf: '2026-11-01T00:00:00Z' },
  ];
  test.each(filters)('with %j it has exactly the rows of the list, in its order', async (filter) => {
    const query =
      filter['virtualAccountId'] === undefined
        ? filter
        : { ...filter, virtualAccountId: places[filter['virtualAccountId']] as string };
    const list = await seeded.administrator.call(listInventory, {
      params: { accountId: seeded.accountId },
      query: { ...query, limit: 200 },
    });
    const rows = await jsonRows(downloadLicensesReport, query);
    expect(rows).toEqual(
      list.items.map(({ virtualAccountId: _, nextEnd, ...item }) => ({
        ...item,
        nextEndsAt: nextEnd?.endsAt ?? null,
        nextEndQuantity: nextEnd?.quantity ?? null,
      })),
    );
    if (filter['asOf'] !== '2026-11-01T00:00:00Z') expect(rows.length).toBeGreaterThan(0);
  });

  test('the file has a name, a type, and is not kept by anybody in between', async () => {
    const response = await download(downloadLicensesReport, { format: 'csv' });
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="estover-licenses-2026-11-22.csv"',
    );
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    await response.arrayBuffer();
  });

  test('in CSV no text is a formula, and numbers stay numbers', async () => {
    const rows = await csvRows(downloadLicensesReport);
    const [header = [], ...body] = rows;
    const column = (row: string[] | undefined, title: string) => row?.[header.indexOf(title)];
    const named = body.find((row) => row[0]?.includes('HYPERLINK'));
    expect(named?.[0]).toBe(`'${formula}`);
    expect(column(named, 'Virtual account')).toBe("'+Asia");
    const short = body.find((row) => column(row, 'State') === 'out-of-compliance');
    expect(column(short, 'Balance')).toBe('-5');
    expect(column(short, 'Short since (UTC)')).toBe('2026-11-22T12:00:00Z');
    for (const cell of body.flat()) expect(cell).not.toMatch(/^[=+@\t\r]/);
  });

  test('the spreadsheet has typed cells, a bold heading that stays, and real dates', async () => {
    const { parts, sheet, rows, text } = await openXlsx(
      await download(downloadLicensesReport, { format: 'xlsx' }),
    );
    expect(parts.sort()).toEqual([
      '[Content_Types].xml',
      '_rels/.rels',
      'xl/_rels/workbook.xml.rels',
      'xl/styles.xml',
      'xl/workbook.xml',
      'xl/worksheets/sheet1.xml',
    ]);
    expect(text('xl/workbook.xml')).toContain('<sheet name="Licenses" sheetId="1" r:id="rId1"/>');
    expect(sheet).toContain('state="frozen"');
    expect(sheet).not.toContain('<f>');
    const [header = [], ...body] = rows;
    expect(header[0]).toBe('text:License');
    const csv = await csvRows(downloadLicensesReport);
    expect(body).toHaveLength(csv.length - 1);
    expect(body.every((row) => row.length === header.length)).toBe(true);
    const named = body.find((row) => row[0]?.includes('HYPERLINK'));
    expect(named?.[0]).toBe(`text:${formula}`);
    const short = body.find((row) => row.includes('text:out-of-compliance'));
    expect(short?.[header.indexOf('text:Balance')]).toBe('number:-5');
    // 2026-11-22T12:00:00Z as days since 1899-12-30.
    expect(short?.[header.indexOf('text:Short since (UTC)')]).toBe('date:46348.5');
  });
});

describe('license subscriptions', () => {
  const told = (rows: JsonRow[]) =>
    rows.map(
      (row) =>
        `${row['endsAt']} ${row['licenseName']} in ${String(row['virtualAccountPath'])}: ${row['pending']} pending, ${row['available']} available, ${row['daysLeft']} days`,
    );

  test('every lot with a term where it lies, what ends first first', async () => {
    expect(told(await jsonRows(downloadLicenseSubscriptionsReport))).toEqual([
      '2026-12-02T12:00:00Z Branch Security in +Asia: 0 pending, 3 available, 10 days',
      '2026-12-22T12:00:00Z Branch Security in Default: 0 pending, 7 available, 30 days',
      '2028-01-01T00:00:00Z Network Advantage in Europe: 5 pending, 0 available, 404 days',
    ]);
  });

  test('filters by end, text and place', async () => {
    const report = (query: Record<string, string>) => jsonRows(downloadLicenseSubscriptionsReport, query);
    expect(await report({ endingWithinDays: '10' })).toHaveLength(1);
    expect(await report({ endingWithinDays: '9' })).toHaveLength(0);
    expect(await report({ search: 'branch' })).toHaveLength(2);
    expect(await report({ virtualAccountId: places['Europe'] as string })).toHaveLength(1);
    const [row] = await report({ search: 'advantage' });
    expect(await report({ search: String(row?.['orderNumber']) })).toEqual([row]);
    expect(row).toMatchObject({ termKind: 'term', billing: 'usage', lineNumber: 1, delivered: 5 });
  });

  test('as CSV and as a spreadsheet it has the same rows', async () => {
    const csv = await csvRows(downloadLicenseSubscriptionsReport);
    const { rows } = await openXlsx(await download(downloadLicenseSubscriptionsReport, { format: 'xlsx' }));
    expect(rows.map((row) => row.length)).toEqual(csv.map((row) => row.length));
    expect(csv).toHaveLength(4);
  });
});

describe('product instances', () => {
  test('every instance with each license it uses, one without any as well', async () => {
    const rows = await jsonRows(downloadProductInstancesReport);
    expect(
      rows.map(
        (row) =>
          `${row['displayName']}: ${row['authorization']}, ${row['count']} ${row['licenseName']} ${row['licenseState']}`,
      ),
    ).toEqual([
      '@router <1>: authorized, 10 Network Advantage in-compliance',
      '@router <1>: authorized, 50 Network Essentials in-compliance',
      'firewall: out-of-compliance, 8 Branch Security out-of-compliance',
      'idle: no-licenses-in-use, null null null',
      'odd: out-of-compliance, 2 null invalid-tag',
      'silent: authorization-expired, null null null',
    ]);
    const csv = await csvRows(downloadProductInstancesReport);
    expect(csv[1]?.[0]).toBe("'@router <1>");
  });

  const filters: Record<string, string>[] = [
    {},
    { authorization: 'out-of-compliance' },
    { authorization: 'authorized' },
    { authorization: 'no-licenses-in-use' },
    { authorization: 'authorization-expired' },
    { search: 'FIREWALL' },
    { search: 'test-product' },
    { state: 'removed' },
    { tag: 'essentials' },
    { silentForDays: '1' },
    { virtualAccountId: '+Asia' },
  ];
  test.each(filters)('with %j it has the instances of the list', async (filter) => {
    const query: Record<string, string> = { ...filter };
    if (filter['virtualAccountId'] !== undefined) query['virtualAccountId'] = places['+Asia'] as string;
    if (filter['tag'] !== undefined) query['tag'] = catalog.essentials;
    const list = await seeded.administrator.call(listProductInstances, {
      params: { accountId: seeded.accountId },
      query: { ...query, limit: 200 },
    });
    const rows = await jsonRows(downloadProductInstancesReport, query);
    const pairs = list.items.flatMap((item) =>
      item.usage.length === 0
        ? [`${item.displayName} ${item.authorization} null null`]
        : item.usage.map((used) => `${item.displayName} ${item.authorization} ${used.tag} ${used.state}`),
    );
    expect(
      rows
        .map((row) => `${row['displayName']} ${row['authorization']} ${row['tag']} ${row['licenseState']}`)
        .sort(),
    ).toEqual(pairs.sort());
  });
});

describe('rights', () => {
  const all = [downloadLicensesReport, downloadLicenseSubscriptionsReport, downloadProductInstancesReport];

  test.each(all)('$name holds only what its reader may see', async (operation) => {
    const reader = await server.keyOf(seeded.accountId, 'viewer', {
      kind: 'virtual-accounts',
      virtualAccounts: [{ virtualAccountId: places['Europe'] as string, nested: true }],
    });
    const text = await (await download(operation, { format: 'csv' }, reader)).text();
    expect(text).toContain('Europe');
    expect(text).not.toContain('Asia');
    expect(text).not.toContain('Default');
    const hidden = server.client(reader).call(operation, {
      params: { accountId: seeded.accountId },
      query: { virtualAccountId: places['+Asia'] as string },
    });
    expect((await refusal(hidden)).code).toBe('unknown-virtual-account');
  });

  test.each(all)('$name is nothing for other accounts, and for the platform’s staff', async (operation) => {
    const other = await server.account(`Other ${operation.name}`);
    const params = { accountId: seeded.accountId };
    expect((await refusal(other.administrator.call(operation, { params }))).code).toBe('not-found');
    expect((await refusal(server.operator.call(operation, { params }))).code).toBe('not-found');
  });
});

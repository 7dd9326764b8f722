import { createLicense, createProduct, getPool } from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer, useLicenses } from '../testing/index.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const tagOf = (name: string) =>
  `regid.2026-01.example.publisher.${name},1.0_6f9619ff-8b86-4d01-b42d-00cf4fc9640${name.length}`;

it('says how many units to order: whole packs, the license alone before bundles, demos last', async () => {
  const [users, other] = [tagOf('USERS'), tagOf('OTHER_ONE')];
  for (const [tag, name] of [
    [users, 'Remote users'],
    [other, 'Other one'],
  ] as const) {
    await server.operator.call(createLicense, { body: { tag, name, version: '1.0', family: 'Security' } });
  }
  const product = (sku: string, grants: { tag: string; quantityPerUnit: number }[], demo = false) =>
    server.operator.call(createProduct, {
      body: {
        sku,
        name: `Product ${sku}`,
        grants,
        term: demo ? { kind: 'demo', days: 60 } : { kind: 'perpetual' },
        billing: 'prepaid',
      },
    });
  await product('A-DEMO', [{ tag: users, quantityPerUnit: 100 }], true);
  await product('B-SUITE', [
    { tag: users, quantityPerUnit: 10 },
    { tag: other, quantityPerUnit: 1 },
  ]);
  await product('C-USERS-25', [{ tag: users, quantityPerUnit: 25 }]);
  await product('D-USER', [{ tag: users, quantityPerUnit: 1 }]);

  const seeded = await server.account('Company that is short');
  const { accountId, administrator } = seeded;
  await useLicenses(server, {
    accountId,
    virtualAccountId: seeded.defaultVirtualAccountId,
    counts: { [users]: 26 },
  });
  const pool = await administrator.call(getPool, { params: { accountId, tag: users } });
  expect(pool.short[0]?.fixes).toEqual([
    {
      kind: 'order',
      quantity: 26,
      skus: [
        { sku: 'C-USERS-25', name: 'Product C-USERS-25', units: 2 },
        { sku: 'D-USER', name: 'Product D-USER', units: 26 },
        { sku: 'B-SUITE', name: 'Product B-SUITE', units: 3 },
        { sku: 'A-DEMO', name: 'Product A-DEMO', units: 1 },
      ],
    },
  ]);
});

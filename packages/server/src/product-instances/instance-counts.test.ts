import { listProductInstances, removeProductInstance, transferProductInstance } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  checkLedgerLaws,
  type SeededAccount,
  seedCatalog,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';
import { mergeInstanceCounts } from './index.ts';

let server: TestServer;
let seeded: SeededAccount;
let other: string;
const ids: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  const catalog = await seedCatalog(server);
  seeded = await server.account();
  other = (await server.virtualAccounts(seeded, 'Berlin'))['Berlin'] as string;
  for (let made = 0; made < 3; made++) {
    const place = { accountId: seeded.accountId, virtualAccountId: seeded.defaultVirtualAccountId };
    ids.push(await useLicenses(server, { ...place, counts: { [catalog.security]: 1 } }));
  }
});
afterAll(() => server.close());

const totals = async () => {
  const list = async (query: { virtualAccountId?: string; state?: 'removed' }) =>
    (
      await seeded.administrator.call(listProductInstances, {
        params: { accountId: seeded.accountId },
        query: { limit: 1, ...query },
      })
    ).total;
  return {
    all: await list({}),
    default: await list({ virtualAccountId: seeded.defaultVirtualAccountId }),
    other: await list({ virtualAccountId: other }),
    removed: await list({ state: 'removed' }),
  };
};

test('totals follow registrations, moves and removals, before and after the counts are merged', async () => {
  expect(await totals()).toEqual({ all: 3, default: 3, other: 0, removed: 0 });
  const params = (index: number) => ({ accountId: seeded.accountId, instanceId: ids[index] as string });
  await seeded.administrator.call(transferProductInstance, {
    params: params(0),
    body: { toVirtualAccountId: other },
  });
  await seeded.administrator.call(removeProductInstance, { params: params(1) });
  const after = { all: 2, default: 1, other: 1, removed: 1 };
  expect(await totals()).toEqual(after);
  await Promise.all([
    mergeInstanceCounts(server.db),
    mergeInstanceCounts(server.db),
    mergeInstanceCounts(server.db),
  ]);
  expect(await totals()).toEqual(after);
  expect(await mergeInstanceCounts(server.db)).toBe(0);
  const { rows } = await sql`select state from product_instance_counts order by state`.execute(server.db);
  expect(rows).toEqual([{ state: 'registered' }, { state: 'registered' }, { state: 'removed' }]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

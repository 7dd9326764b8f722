import { transferProductInstance } from '@estover/protocol';
import { expect, it } from 'vitest';
import { checkLedgerLaws, seedCatalog, startTestServer, useLicenses } from '../testing/index.ts';

it('instances that cross each other between two virtual accounts all arrive', async () => {
  const server = await startTestServer();
  const catalog = await seedCatalog(server);
  const seeded = await server.account();
  const { accountId, administrator } = seeded;
  const ids = await server.virtualAccounts(seeded, 'East', 'West');
  const [east, west] = [ids['East'] as string, ids['West'] as string];
  const counts = { [catalog.essentials]: 1, [catalog.security]: 2 };
  const crossing = await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const [from, to] = index % 2 === 0 ? [east, west] : [west, east];
      return { to, instanceId: await useLicenses(server, { accountId, virtualAccountId: from, counts }) };
    }),
  );
  const arrived = await Promise.all(
    crossing.map(({ instanceId, to }) =>
      administrator.call(transferProductInstance, {
        params: { accountId, instanceId },
        body: { toVirtualAccountId: to },
      }),
    ),
  );
  expect(arrived.map(({ productInstance }) => productInstance.virtualAccountId)).toEqual(
    crossing.map(({ to }) => to),
  );
  expect(await checkLedgerLaws(server.db)).toEqual([]);
  await server.close();
});

import { randomUUIDv7 } from 'node:crypto';
import {
  type Client,
  consentToAccountMove,
  createToken,
  getAccount,
  ProblemError,
  proposeMerge,
  transferLicenses,
  undoAccountMove,
} from '@estover/protocol';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  answerOf,
  checkLedgerLaws,
  deliver,
  type SecondServer,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startSecondServer,
  startTestServer,
  type TestServer,
  testDevice,
  useLicenses,
} from '../testing/index.ts';
import { accountState } from './testing/account-state.ts';
import { administratorOf, type Somebody } from './testing/administrator.ts';

let server: TestServer;
let second: SecondServer;
let catalog: SeededCatalog;

beforeAll(async () => {
  server = await startTestServer();
  second = await startSecondServer(server);
  catalog = await seedCatalog(server);
});
afterEach(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});
afterAll(async () => {
  await second.close();
  await server.close();
});

const propose = async (who: Somebody, from: SeededAccount, into: SeededAccount): Promise<string> => {
  const { move } = await who.client.call(proposeMerge, {
    params: { accountId: from.accountId },
    body: { otherAccount: into.accountId, goes: 'this', reason: 'Race' },
  });
  return move.moveId;
};
const consent = (client: Client, moveId: string) =>
  client.call(consentToAccountMove, { params: { moveId }, body: {} });
const statusOf = async ({ accountId, administrator }: SeededAccount) =>
  (await administrator.call(getAccount, { params: { accountId } })).account.status;
const codeOf = (reason: unknown): string =>
  reason instanceof ProblemError ? reason.problem.code : String(reason);

it('of two merges that cross each other, exactly one happens', async () => {
  for (let round = 0; round < 3; round += 1) {
    const north = await server.account(`North ${randomUUIDv7()}`);
    const south = await server.account(`South ${randomUUIDv7()}`);
    const nora = await administratorOf(server, [north.accountId]);
    const sam = await administratorOf(server, [south.accountId]);
    const there = await propose(nora, north, south);
    const back = await propose(sam, south, north);
    const outcomes = await Promise.allSettled([consent(sam.client, there), consent(nora.client, back)]);
    const lost = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [codeOf(outcome.reason)] : [],
    );
    expect(lost).toEqual(['account-move-blocked']);
    expect([await statusOf(north), await statusOf(south)].sort()).toEqual(['active', 'merged']);
  }
});

it('transfers, registrations and reports that are on their way during a merge are done once, on one side', async () => {
  const north = await server.account(`North ${randomUUIDv7()}`);
  const south = await server.account(`South ${randomUUIDv7()}`);
  const ids = await server.virtualAccounts(north, 'East', 'West');
  const [east, west] = [ids['East'] as string, ids['West'] as string];
  const nora = await administratorOf(server, [north.accountId]);
  const sam = await administratorOf(server, [south.accountId]);
  await deliver(server, north, { tag: catalog.security, quantity: 100, virtualAccount: east });
  const { secret } = await north.administrator.call(createToken, {
    params: { accountId: north.accountId, virtualAccountId: east },
    body: { description: 'race', maximumUses: 50 },
  });
  const devices = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const device = await testDevice(server, { address: index % 2 === 0 ? server.address : second.address });
      answerOf(await device.register(secret));
      return device;
    }),
  );
  const moveId = await propose(nora, north, south);
  let over = false;
  let transferred = 0;
  const reporting = devices.map(async (device, index) => {
    let count = 1;
    for (; !over || count < 5; count += 1) {
      answerOf(await device.authorize([{ tag: catalog.security, count: count + index }]));
    }
    answerOf(await device.authorize([{ tag: catalog.security, count: 3 }]));
  });
  const registering = (async () => {
    const registered: string[] = [];
    for (let number = 0; number < 12; number += 1) {
      const device = await testDevice(server, {
        address: number % 2 === 0 ? server.address : second.address,
      });
      registered.push(answerOf(await device.register(secret)).instanceId);
    }
    return registered;
  })();
  const transferring = (async () => {
    for (;;) {
      try {
        await north.administrator.call(transferLicenses, {
          params: { accountId: north.accountId },
          body: {
            fromVirtualAccountId: east,
            toVirtualAccountId: west,
            lines: [{ tag: catalog.security, quantity: 1 }],
            reason: '',
          },
        });
        transferred += 1;
      } catch (error) {
        return codeOf(error);
      }
    }
  })();
  await consent(sam.client, moveId);
  over = true;
  const [registered, ended] = await Promise.all([registering, transferring, ...reporting]);
  expect(['account-merged', 'unknown-virtual-account', 'not-found']).toContain(ended);
  expect(registered).toHaveLength(12);
  const state = await accountState(server.db, south.accountId);
  expect((await accountState(server.db, north.accountId))['instances']).toEqual([]);
  expect(state['instances']).toHaveLength(20);
  expect(state['tokens']).toMatchObject([{ uses: 20 }]);
  const pools = (state['pools'] ?? []) as { virtual_account_id: string; available: number; in_use: number }[];
  const poolAt = (virtualAccountId: string) =>
    pools.find((pool) => pool.virtual_account_id === virtualAccountId);
  expect(poolAt(east)).toMatchObject({ available: 100 - transferred, in_use: 24 });
  expect(poolAt(west)?.available ?? 0).toBe(transferred);
});

interface Shape {
  tree: string[][];
  acts: {
    place: number;
    kind: 'deliver' | 'use' | 'transfer' | 'token';
    license: 'advantage' | 'essentials' | 'security';
    quantity: number;
  }[];
}

it('accounts of any shape are the same after a merge and its undoing', async () => {
  const tree = fc.array(fc.array(fc.constantFrom('A', 'b', 'Ä', 'c d'), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 5,
  });
  const act = fc.record({
    place: fc.nat(20),
    kind: fc.constantFrom('deliver' as const, 'use' as const, 'transfer' as const, 'token' as const),
    license: fc.constantFrom('advantage' as const, 'essentials' as const, 'security' as const),
    quantity: fc.integer({ min: 1, max: 9 }),
  });
  const shape: fc.Arbitrary<Shape> = fc.record({ tree, acts: fc.array(act, { maxLength: 8 }) });
  const build = async (name: string, { tree: paths, acts }: Shape) => {
    const account = await server.account(`${name} ${randomUUIDv7()}`);
    const { accountId, administrator } = account;
    const ids = Object.values(
      await server.virtualAccounts(account, ...paths.map((path) => path.join(' / '))),
    );
    const placeOf = (number: number) =>
      [account.defaultVirtualAccountId, ...ids][number % (ids.length + 1)] as string;
    for (const { kind, place, license, quantity } of acts) {
      const virtualAccountId = placeOf(place);
      const tag = catalog[license];
      if (kind === 'deliver')
        await deliver(server, account, { tag, quantity, virtualAccount: virtualAccountId });
      if (kind === 'use')
        await useLicenses(server, { accountId, virtualAccountId, counts: { [tag]: quantity } });
      if (kind === 'token') {
        await administrator.call(createToken, { params: { accountId, virtualAccountId }, body: {} });
      }
      if (kind === 'transfer') {
        await deliver(server, account, { tag, quantity, virtualAccount: virtualAccountId });
        if (placeOf(place + 1) === virtualAccountId) continue;
        await administrator.call(transferLicenses, {
          params: { accountId },
          body: {
            fromVirtualAccountId: virtualAccountId,
            toVirtualAccountId: placeOf(place + 1),
            lines: [{ tag, quantity }],
            reason: '',
          },
        });
      }
    }
    return account;
  };
  await fc.assert(
    fc.asyncProperty(shape, shape, async (northern, southern) => {
      const north = await build('North', northern);
      const south = await build('South', southern);
      const both = await administratorOf(server, [north.accountId, south.accountId]);
      const states = async () => [
        await accountState(server.db, north.accountId),
        await accountState(server.db, south.accountId),
      ];
      const before = await states();
      const moveId = await propose(both, north, south);
      await consent(both.client, moveId);
      expect(await checkLedgerLaws(server.db)).toEqual([]);
      expect((await states())[0]?.['tree']).toEqual([]);
      await both.client.call(undoAccountMove, { params: { moveId }, body: { reason: 'Back' } });
      expect(await states()).toEqual(before);
      expect(await checkLedgerLaws(server.db)).toEqual([]);
    }),
    { numRuns: 4 },
  );
}, 60_000);

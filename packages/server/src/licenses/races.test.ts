import { randomUUIDv7 } from 'node:crypto';
import { type Client, createClient, ProblemError, transferLicenses, undoTransfer } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemActor } from '../edge/context.ts';
import {
  checkLedgerLaws,
  deliver,
  type SecondServer,
  type SeededCatalog,
  seedCatalog,
  startSecondServer,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';
import { licensesOfTags } from './licenses-of-tags.ts';
import { moveEverything } from './move-everything.ts';
import { recordUse } from './record-use.ts';
import { runTermExpiries } from './term-expiry-job.ts';

let server: TestServer;
let catalog: SeededCatalog;
let second: SecondServer;
let number = 0;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  second = await startSecondServer(server);
});
afterAll(async () => {
  await second.close();
  await server.close();
});

async function account() {
  const seeded = await server.account(`Company ${++number}`);
  const places = await server.virtualAccounts(seeded, 'A', 'B', 'C');
  const [a, b, c] = [places['A'], places['B'], places['C']] as [string, string, string];
  const key = await server.keyOf(seeded.accountId, 'account-administrator');
  const params = { accountId: seeded.accountId };
  const clients: [Client, Client] = [
    server.client(key),
    createClient({ baseUrl: second.address, apiKey: key }),
  ];
  const transfer = (index: number, from: string, to: string, quantity: number, idempotencyKey?: string) =>
    (clients[index % 2] as Client).call(transferLicenses, {
      params,
      body: {
        fromVirtualAccountId: from,
        toVirtualAccountId: to,
        lines: [{ tag: catalog.security, quantity }],
      },
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
  const available = async () => {
    const { rows } = await sql<{ available: number }>`
      select coalesce(sum(available), 0)::bigint as available from pools where account_id = ${seeded.accountId}`.execute(
      server.db,
    );
    return rows[0]?.available;
  };
  return { accountId: seeded.accountId, params, a, b, c, clients, transfer, available };
}

/** Deadlocks of this database; the transaction runner mends them, but crossing transfers should not make any. */
async function deadlocks(): Promise<number | undefined> {
  await sql`select pg_stat_force_next_flush()`.execute(server.db);
  const { rows } = await sql<{ deadlocks: number }>`
    select deadlocks from pg_stat_database where datname = current_database()`.execute(server.db);
  return rows[0]?.deadlocks;
}

/** The codes of refusals, with how often each came; what is no refusal fails the test. */
function refusals(results: readonly PromiseSettledResult<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    if (!(result.reason instanceof ProblemError)) throw result.reason;
    const { code } = result.reason.problem;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

it('gives the last unit to exactly one of 200 who want it, on two servers', async () => {
  const { accountId, a, b, c, transfer, available } = await account();
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 1, virtualAccount: 'A' });
  const results = await Promise.allSettled(
    Array.from({ length: 200 }, (_, index) => transfer(index, a, index % 3 === 0 ? b : c, 1)),
  );
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  expect(refusals(results)).toEqual({ 'insufficient-licenses': 199 });
  expect(await available()).toBe(1);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('keeps every unit through hundreds of crossing transfers A → B → C → A', async () => {
  const { accountId, a, b, c, transfer, available } = await account();
  for (const virtualAccount of ['A', 'B', 'C']) {
    await deliver(server, { accountId }, { tag: catalog.security, quantity: 20, virtualAccount });
    await deliver(
      server,
      { accountId },
      { tag: catalog.security, quantity: 20, virtualAccount, term: { kind: 'term', months: 12 } },
    );
  }
  const ways = [
    [a, b],
    [b, c],
    [c, a],
    [b, a],
    [c, b],
    [a, c],
  ] as const;
  const next = Array.from({ length: 300 }, (_, index) => index).values();
  const results: PromiseSettledResult<unknown>[] = [];
  const worker = async () => {
    for (const index of next) {
      const [from, to] = ways[index % ways.length] as readonly [string, string];
      results.push(...(await Promise.allSettled([transfer(index, from, to, 1 + (index % 25))])));
    }
  };
  await Promise.all(Array.from({ length: 40 }, worker));
  expect(results).toHaveLength(300);
  const refused = refusals(results);
  expect(Object.keys(refused).filter((code) => code !== 'insufficient-licenses')).toEqual([]);
  expect(results.filter((result) => result.status === 'fulfilled').length).toBeGreaterThan(100);
  expect(await available()).toBe(120);
  expect(await deadlocks()).toBe(0);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('takes a request with one Idempotency-Key once, however often it comes at once', async () => {
  const { accountId, a, b, transfer } = await account();
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 100, virtualAccount: 'A' });
  const key = randomUUIDv7();
  const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => transfer(index, a, b, 3, key)));
  expect(new Set(answers.map((answer) => answer.movement.movementId)).size).toBe(1);
  const { rows } = await sql<{ available: number }>`
    select available from pools where account_id = ${accountId} and virtual_account_id = ${b}`.execute(
    server.db,
  );
  expect(rows).toEqual([{ available: 3 }]);
  expect(refusals(await Promise.allSettled([transfer(0, a, b, 4, key)]))).toEqual({
    'idempotency-key-reused': 1,
  });
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('undoes a transfer once, however many ask at once', async () => {
  const { accountId, params, a, b, clients, transfer } = await account();
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 10, virtualAccount: 'A' });
  const { movement } = await transfer(0, a, b, 4);
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      (clients[index % 2] as Client).call(undoTransfer, {
        params: { ...params, movementId: movement.movementId },
      }),
    ),
  );
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  expect(refusals(results)).toEqual({ 'undo-done': 19 });
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('lets nothing of an ended term slip away through transfers while it expires', async () => {
  const { accountId, a, b, c, transfer } = await account();
  const term = { kind: 'demo' as const, days: 30 };
  for (let lot = 0; lot < 4; lot++) {
    await deliver(server, { accountId }, { tag: catalog.security, quantity: 25, virtualAccount: 'A', term });
  }
  const end = server.clock.now().add({ hours: 24 * 30 });
  const newId = () => randomUUIDv7();
  // The transfers' clock stands just before the end, that of the job at it: two servers whose clocks differ a little.
  const moves = Array.from({ length: 60 }, (_, index) =>
    transfer(index, a, index % 2 === 0 ? b : c, 1 + (index % 4)),
  );
  const jobs = Array.from({ length: 12 }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index * 8));
    return runTermExpiries(server.db, end, newId);
  });
  const results = await Promise.allSettled(moves);
  await Promise.all(jobs);
  await runTermExpiries(server.db, end, newId);
  expect(Object.keys(refusals(results)).filter((code) => code !== 'insufficient-licenses')).toEqual([]);
  const { rows } = await sql<{ available: number; expired: number }>`
    select sum(available)::bigint as available, sum(expired)::bigint as expired from pools
     where account_id = ${accountId}`.execute(server.db);
  expect(rows).toEqual([{ available: 0, expired: 100 }]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('counts use, substitution and alerts exactly while licenses move', async () => {
  const { accountId, a, b, transfer } = await account();
  await deliver(server, { accountId }, { tag: catalog.advantage, quantity: 40, virtualAccount: 'A' });
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 40, virtualAccount: 'A' });
  const results = await Promise.allSettled([
    ...Array.from({ length: 60 }, (_, index) =>
      useLicenses(server, {
        accountId,
        virtualAccountId: index % 3 === 0 ? b : a,
        counts: { [catalog.essentials]: 1, [catalog.security]: 1, [catalog.advantage]: index % 2 },
      }),
    ),
    ...Array.from({ length: 30 }, (_, index) =>
      index % 2 === 0 ? transfer(index, a, b, 2) : transfer(index, b, a, 1),
    ),
  ]);
  expect(Object.keys(refusals(results)).filter((code) => code !== 'insufficient-licenses')).toEqual([]);
  const { rows } = await sql<{ inUse: number }>`
    select sum(in_use)::bigint as "inUse" from pools where account_id = ${accountId}`.execute(server.db);
  expect(rows).toEqual([{ inUse: 150 }]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('moves all there is of a virtual account while others move licenses into and out of it', async () => {
  const { accountId, a, b, c, transfer, available } = await account();
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 30, virtualAccount: 'A' });
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 30, virtualAccount: 'B' });
  const moveAll = () =>
    server.db
      .transaction()
      .execute((trx) =>
        moveEverything(
          { trx, now: server.clock.now(), newId: () => randomUUIDv7(), actor: systemActor, requestId: null },
          accountId,
          a,
          c,
        ),
      );
  const results = await Promise.allSettled([
    ...Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? transfer(index, a, b, 2) : transfer(index, b, a, 3),
    ),
    ...Array.from({ length: 5 }, moveAll),
  ]);
  expect(Object.keys(refusals(results)).filter((code) => code !== 'insufficient-licenses')).toEqual([]);
  await moveAll();
  expect(await available()).toBe(60);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('takes hundreds of changes of use of several accounts in one set', async () => {
  const accounts = [await account(), await account()];
  const licenses = await server.db
    .transaction()
    .execute((trx) => licensesOfTags(trx, [catalog.essentials, catalog.advantage]));
  const instances = await Promise.all(
    accounts.map(({ accountId, a }) => useLicenses(server, { accountId, virtualAccountId: a, counts: {} })),
  );
  const [first] = accounts;
  await deliver(
    server,
    { accountId: first?.accountId ?? '' },
    { tag: catalog.advantage, quantity: 150, virtualAccount: 'A' },
  );
  const essentials = licenses.get(catalog.essentials)?.licenseId ?? '';
  await server.db.transaction().execute(async (trx) => {
    const ledger = {
      trx,
      now: server.clock.now(),
      newId: () => randomUUIDv7(),
      actor: systemActor,
      requestId: null,
    };
    await recordUse(
      ledger,
      Array.from({ length: 400 }, (_, index) => ({
        accountId: accounts[index % 2]?.accountId ?? '',
        virtualAccountId: accounts[index % 2]?.a ?? '',
        instanceId: instances[index % 2] ?? '',
        licenseId: essentials,
        from: Math.floor(index / 2),
        to: Math.floor(index / 2) + 1,
        reason: 'reported' as const,
      })),
    );
    for (const [index, { accountId, a }] of accounts.entries()) {
      await trx
        .insertInto('instance_usage')
        .values({
          account_id: accountId,
          instance_id: instances[index] ?? '',
          tag: catalog.essentials,
          license_id: essentials,
          virtual_account_id: a,
          count: 200,
          changed_at: ledger.now,
        })
        .execute();
    }
  });
  const pools = await server.db
    .selectFrom('pools')
    .select(['in_use', 'borrowed', 'state'])
    .where('license_id', '=', essentials)
    .where(
      'account_id',
      'in',
      accounts.map(({ accountId }) => accountId),
    )
    .orderBy('borrowed')
    .execute();
  expect(pools).toEqual([
    { in_use: 200, borrowed: 0, state: 'out-of-compliance' },
    { in_use: 200, borrowed: 150, state: 'out-of-compliance' },
  ]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

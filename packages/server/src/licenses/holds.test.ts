import { randomUUIDv7 } from 'node:crypto';
import { listInventory, listMovements, transferLicenses } from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemActor } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import {
  checkLedgerLaws,
  deliver,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { endHold, type HoldEnd, type HoldWanted, holdLicenses } from './holds.ts';
import type { Ledger } from './ledger.ts';
import { licensesOfTags } from './licenses-of-tags.ts';
import { moveEverything } from './move-everything.ts';
import { runTermExpiries } from './term-expiry-job.ts';
import { runTermStarts } from './term-start-job.ts';

let server: TestServer;
let catalog: SeededCatalog;
let number = 0;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
});
afterAll(() => server.close());

const within = <Result>(work: (ledger: Ledger) => Promise<Result>) =>
  server.db.transaction().execute((trx) =>
    work({
      trx,
      now: server.clock.now(),
      newId: () => randomUUIDv7(),
      actor: systemActor,
      requestId: null,
    }),
  );

async function account() {
  const seeded = await server.account(`Company ${++number}`);
  const places = await server.virtualAccounts(seeded, 'A', 'B');
  const [a, b] = [places['A'], places['B']] as [string, string];
  const { accountId, administrator } = seeded;
  const licenses = await server.db.transaction().execute((trx) => licensesOfTags(trx, [catalog.security]));
  const licenseId = licenses.get(catalog.security)?.licenseId ?? '';
  const params = { accountId };
  return {
    accountId,
    administrator,
    params,
    a,
    b,
    hold: (
      quantity: number,
      holdId: string = randomUUIDv7(),
      purpose: HoldWanted['purpose'] = 'reservation',
    ) =>
      within((ledger) =>
        holdLicenses(ledger, accountId, {
          holdId,
          purpose,
          virtualAccountId: a,
          lines: [{ licenseId, quantity }],
        }),
      ),
    end: (holdId: string, how: HoldEnd) => within((ledger) => endHold(ledger, accountId, holdId, how)),
    numbers: async () => {
      const { items } = await administrator.call(listInventory, { params });
      return items.map((row) => [
        row.virtualAccountPath.join('/'),
        { available: row.available, held: row.held, reserved: row.reserved, expired: row.expired },
      ]);
    },
  };
}

it('holds units, and ends the hold once: given back, moved, reserved, or gone', async () => {
  const { accountId, b, hold, end, numbers, administrator, params } = await account();
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 10, virtualAccount: 'A' });
  const before = await numbers();
  const ids = Array.from({ length: 4 }, () => randomUUIDv7()) as [string, string, string, string];
  for (const id of ids) await hold(2, id);
  expect(await numbers()).toEqual([['A', { available: 2, held: 8, reserved: 0, expired: 0 }]]);
  await expect(hold(3)).rejects.toThrow('Line 1: asked 3, available 2 (held 8). Ask for 2 or fewer.');
  await end(ids[0], { kind: 'void' });
  await end(ids[1], { kind: 'post', to: { kind: 'virtual-account', virtualAccountId: b } });
  await end(ids[2], { kind: 'post', to: { kind: 'reserved' } });
  expect(await numbers()).toEqual([
    ['A', { available: 4, held: 2, reserved: 2, expired: 0 }],
    ['B', { available: 2, held: 0, reserved: 0, expired: 0 }],
  ]);
  await end(ids[3], { kind: 'post', to: { kind: 'withdrawn' } });
  const second = await end(ids[0], { kind: 'void' }).catch((error: unknown) => error);
  expect(second).toBeInstanceOf(Refused);
  expect((second as Refused).code).toBe('hold-ended');
  await expect(end(ids[1], { kind: 'void' })).rejects.toThrow('has already been carried out');
  await expect(end(randomUUIDv7(), { kind: 'void' })).rejects.toThrow('There is no such hold.');
  expect(before).toEqual([['A', { available: 10, held: 0, reserved: 0, expired: 0 }]]);
  const { items } = await administrator.call(listMovements, { params });
  expect(items.map((item) => item.kind).sort()).toEqual(
    ['deposit', 'hold', 'hold', 'hold', 'hold', 'post', 'post', 'post', 'void'].sort(),
  );
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('holds once for one id, however often and at once it is asked; and ends once', async () => {
  const { accountId, hold, end, numbers } = await account();
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 10, virtualAccount: 'A' });
  const holdId = randomUUIDv7();
  const answers = await Promise.all(Array.from({ length: 20 }, () => hold(6, holdId)));
  expect(new Set(answers.map((answer) => answer.movementId)).size).toBe(1);
  expect(answers.filter((answer) => !answer.repeated)).toHaveLength(1);
  expect(await numbers()).toEqual([['A', { available: 4, held: 6, reserved: 0, expired: 0 }]]);
  const ends = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      end(holdId, index % 2 === 0 ? { kind: 'void' } : { kind: 'post', to: { kind: 'reserved' } }),
    ),
  );
  expect(ends.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
  for (const each of ends) {
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'hold-ended' });
  }
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('gives what expired while it was held back as expired', async () => {
  const { accountId, hold, end, numbers } = await account();
  const term = { kind: 'demo' as const, days: 30 };
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 10, virtualAccount: 'A', term });
  const holdId = randomUUIDv7();
  await hold(3, holdId);
  server.clock.advance({ days: 31 });
  expect(await runTermExpiries(server.db, server.clock.now(), () => randomUUIDv7())).toBe(1);
  expect(await numbers()).toEqual([['A', { available: 0, held: 3, reserved: 0, expired: 7 }]]);
  await end(holdId, { kind: 'void' });
  expect(await numbers()).toEqual([['A', { available: 0, held: 0, reserved: 0, expired: 10 }]]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('expires what another server, whose clock is behind, gives back as available', async () => {
  const { accountId, hold, end, numbers } = await account();
  const term = { kind: 'demo' as const, days: 30 };
  await deliver(server, { accountId }, { tag: catalog.security, quantity: 10, virtualAccount: 'A', term });
  const holdId = randomUUIDv7();
  await hold(3, holdId);
  const over = server.clock.now().add({ hours: 24 * 30 });
  expect(await runTermExpiries(server.db, over, () => randomUUIDv7())).toBe(1);
  await end(holdId, { kind: 'void' });
  expect(await numbers()).toEqual([['A', { available: 3, held: 0, reserved: 0, expired: 7 }]]);
  expect(await runTermExpiries(server.db, over, () => randomUUIDv7())).toBe(1);
  expect(await numbers()).toEqual([['A', { available: 0, held: 0, reserved: 0, expired: 10 }]]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it.each([
  ['a new place', 0],
  ['a place that has some of the lot already', 4],
])('expires all of a lot whose units are on their way to %s', async (_, before) => {
  const { accountId, administrator, params, a, b, numbers } = await account();
  const tag = catalog.security;
  const term = { kind: 'demo' as const, days: 30 };
  await deliver(server, { accountId }, { tag, quantity: 10, virtualAccount: 'A', term });
  if (before > 0) {
    await administrator.call(transferLicenses, {
      params,
      body: { fromVirtualAccountId: a, toVirtualAccountId: b, lines: [{ tag, quantity: before }] },
    });
  }
  const over = server.clock.now().add({ hours: 24 * 30 });
  const expire = () => runTermExpiries(server.db, over, () => randomUUIDv7());
  const { run } = await within(async (ledger) => {
    await moveEverything(ledger, accountId, a, b);
    const run = expire();
    // Either it leaves the lot to the next run at once, or it waits until this movement has ended.
    await Promise.race([run, new Promise((resolve) => setTimeout(resolve, 500))]);
    return { run };
  });
  await run;
  await expire();
  expect(await numbers()).toEqual([['B', { available: 0, held: 0, reserved: 0, expired: 10 }]]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('starts and ends terms at their very instant, once, with one event for each movement', async () => {
  const { accountId, numbers, administrator, params } = await account();
  const tag = catalog.security;
  server.clock.set('2028-01-31T10:00:00Z');
  const months = { kind: 'term' as const, months: 1 };
  for (let lot = 0; lot < 5; lot++) {
    await deliver(
      server,
      { accountId },
      { tag, quantity: 2, virtualAccount: lot < 3 ? 'A' : 'B', term: months, startDate: '2028-02-10' },
    );
  }
  const turn = async () => {
    const jobs = [runTermStarts, runTermExpiries];
    let made = 0;
    for (const job of jobs) {
      const runs = [1, 2, 3].map(() => job(server.db, server.clock.now(), () => randomUUIDv7()));
      made += (await Promise.all(runs)).reduce((sum, each) => sum + each, 0);
    }
    return made;
  };
  server.clock.set('2028-02-09T23:59:59Z');
  expect(await turn()).toBe(0);
  server.clock.set('2028-02-10T00:00:00Z');
  expect(await turn()).toBe(5);
  expect(await turn()).toBe(0);
  expect(await numbers()).toEqual([
    ['A', { available: 6, held: 0, reserved: 0, expired: 0 }],
    ['B', { available: 4, held: 0, reserved: 0, expired: 0 }],
  ]);
  server.clock.set('2028-03-10T00:00:00Z');
  expect(await turn()).toBe(5);
  expect(await turn()).toBe(0);
  expect(await numbers()).toEqual([
    ['A', { available: 0, held: 0, reserved: 0, expired: 6 }],
    ['B', { available: 0, held: 0, reserved: 0, expired: 4 }],
  ]);
  const events = await server.db
    .selectFrom('events')
    .select(['operation', 'object_id', 'actor_kind'])
    .where('account_id', '=', accountId)
    .where('operation', 'in', ['startTerm', 'endTerm'])
    .execute();
  const { items } = await administrator.call(listMovements, { params });
  const turned = items.filter((item) => item.kind === 'start' || item.kind === 'expire');
  expect(events.map((event) => event.object_id).sort()).toEqual(turned.map((item) => item.movementId).sort());
  expect(new Set(events.map((event) => event.actor_kind))).toEqual(new Set(['system']));
  expect(new Set(turned.map((item) => item.by))).toEqual(new Set(['Estover']));
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('shows both turns of a term that began and ended while nothing ran', async () => {
  const { accountId, administrator, params, numbers } = await account();
  server.clock.set('2029-01-01T00:00:00Z');
  const term = { kind: 'demo' as const, days: 3 };
  await deliver(
    server,
    { accountId },
    { tag: catalog.security, quantity: 2, virtualAccount: 'A', term, startDate: '2029-01-05' },
  );
  server.clock.set('2029-02-01T00:00:00Z');
  expect(await runTermExpiries(server.db, server.clock.now(), () => randomUUIDv7())).toBe(0);
  expect(await runTermStarts(server.db, server.clock.now(), () => randomUUIDv7())).toBe(1);
  expect(await runTermExpiries(server.db, server.clock.now(), () => randomUUIDv7())).toBe(1);
  expect(await numbers()).toEqual([['A', { available: 0, held: 0, reserved: 0, expired: 2 }]]);
  const { items } = await administrator.call(listMovements, { params });
  expect(items.map((item) => item.kind).sort()).toEqual(['deposit', 'expire', 'start']);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

import { randomUUIDv7 } from 'node:crypto';
import { listInventory, ProblemError, transferLicenses } from '@estover/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemActor } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import {
  changeUse,
  checkLedgerLaws,
  deliver,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  useLicenses,
} from '../testing/index.ts';
import { endHold, type HoldEnd, holdLicenses } from './holds.ts';
import type { Ledger } from './ledger.ts';
import { licensesOfTags } from './licenses-of-tags.ts';
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

const place = fc.constantFrom('A', 'B');
const license = fc.constantFrom('advantage', 'essentials');
const operation = fc.oneof(
  fc.record({
    kind: fc.constant('deliver'),
    place,
    license,
    quantity: fc.integer({ min: 1, max: 20 }),
    days: fc.constantFrom(0, 2, 9),
    startsIn: fc.constantFrom(0, 0, 3),
  }),
  fc.record({
    kind: fc.constant('transfer'),
    from: place,
    license,
    quantity: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({ kind: fc.constant('use'), place, license, count: fc.integer({ min: 0, max: 15 }) }),
  fc.record({ kind: fc.constant('hold'), place, license, quantity: fc.integer({ min: 1, max: 6 }) }),
  fc.record({
    kind: fc.constant('end'),
    how: fc.constantFrom('void' as const, 'reserved' as const, 'withdrawn' as const),
  }),
  fc.record({ kind: fc.constant('wait'), hours: fc.integer({ min: 1, max: 60 }) }),
);

const ends: Record<'void' | 'reserved' | 'withdrawn', HoldEnd> = {
  void: { kind: 'void' },
  reserved: { kind: 'post', to: { kind: 'reserved' } },
  withdrawn: { kind: 'post', to: { kind: 'withdrawn' } },
};

/** Lets a refusal by a rule pass, as a person would, and nothing else. */
const unlessRefused = (work: Promise<unknown>) =>
  work.catch((error: unknown) => {
    if (error instanceof ProblemError && error.problem.status < 500) return;
    if (!(error instanceof Refused)) throw error;
  });

it('keeps every law through any history, and shows any moment of it again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 30 }), async (operations) => {
      const seeded = await server.account(`History ${++number}`);
      const { accountId, administrator } = seeded;
      const params = { accountId };
      const places = await server.virtualAccounts(seeded, 'A', 'B');
      const idOf = (name: string) => places[name] as string;
      const instances = new Map<string, string>();
      for (const name of ['A', 'B']) {
        instances.set(
          name,
          await useLicenses(server, { accountId, virtualAccountId: idOf(name), counts: {} }),
        );
      }
      const holds: string[] = [];
      const within = (work: (ledger: Ledger) => Promise<unknown>) =>
        unlessRefused(
          server.db.transaction().execute((trx) =>
            work({
              trx,
              now: server.clock.now(),
              newId: () => randomUUIDv7(),
              actor: systemActor,
              requestId: null,
            }),
          ),
        );
      const inventory = async (asOf?: string) =>
        (
          await administrator.call(listInventory, { params, query: asOf === undefined ? {} : { asOf } })
        ).items.map(({ openAlerts: _, shortSince: __, ...row }) => row);
      const moments: { at: string; shown: Awaited<ReturnType<typeof inventory>> }[] = [];
      for (const each of operations) {
        server.clock.advance({ minutes: 1 });
        if (each.kind === 'deliver') {
          const startDate = server.clock
            .now()
            .add({ hours: 24 * each.startsIn })
            .toString()
            .slice(0, 10);
          await deliver(server, seeded, {
            tag: catalog[each.license],
            quantity: each.quantity,
            virtualAccount: each.place,
            term: each.days === 0 ? { kind: 'perpetual' } : { kind: 'demo', days: each.days },
            ...(each.startsIn === 0 || each.days === 0 ? {} : { startDate }),
          });
        } else if (each.kind === 'transfer') {
          const body = {
            fromVirtualAccountId: idOf(each.from),
            toVirtualAccountId: idOf(each.from === 'A' ? 'B' : 'A'),
            lines: [{ tag: catalog[each.license], quantity: each.quantity }],
          };
          await unlessRefused(administrator.call(transferLicenses, { params, body }));
        } else if (each.kind === 'use') {
          const [virtualAccountId, instanceId] = [idOf(each.place), instances.get(each.place) as string];
          await changeUse(server, {
            accountId,
            virtualAccountId,
            instanceId,
            counts: { [catalog[each.license]]: each.count },
          });
        } else if (each.kind === 'hold') {
          const holdId = randomUUIDv7();
          await within(async (ledger) => {
            const tag = catalog[each.license];
            const licenseId = (await licensesOfTags(ledger.trx, [tag])).get(tag)?.licenseId ?? '';
            const lines = [{ licenseId, quantity: each.quantity }];
            await holdLicenses(ledger, accountId, {
              holdId,
              purpose: 'site-allotment',
              virtualAccountId: idOf(each.place),
              lines,
            });
            holds.push(holdId);
          });
        } else if (each.kind === 'end') {
          const holdId = holds.shift();
          if (holdId === undefined) continue;
          await within((ledger) => endHold(ledger, accountId, holdId, ends[each.how]));
        } else {
          server.clock.advance({ hours: each.hours });
          for (const job of [runTermStarts, runTermExpiries]) {
            await job(server.db, server.clock.now(), () => randomUUIDv7());
          }
        }
        moments.push({ at: server.clock.now().toString(), shown: await inventory() });
      }
      expect(await checkLedgerLaws(server.db)).toEqual([]);
      server.clock.advance({ minutes: 1 });
      for (const { at, shown } of moments) expect({ at, shown: await inventory(at) }).toEqual({ at, shown });
    }),
    { numRuns: 8 },
  );
});

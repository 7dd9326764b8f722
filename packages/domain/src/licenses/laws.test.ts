import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdingsAsOf } from './as-of.ts';
import type { Entry, Holding } from './holding.ts';
import { applyEntries, brokenLaws, type Ledger, replay } from './ledger.ts';
import { type Lot, type Term, termStateAt } from './lot.ts';
import { correct } from './movements/correct.ts';
import { deposit } from './movements/deposit.ts';
import { expire } from './movements/expire.ts';
import { hold } from './movements/hold.ts';
import type { Hold, Movement } from './movements/movement.ts';
import { type PostDestination, post } from './movements/post.ts';
import { start } from './movements/start.ts';
import { transfer } from './movements/transfer.ts';
import { undoTransfer } from './movements/undo-transfer.ts';
import { voidHold } from './movements/void.ts';
import type { TakeLine } from './take-lines.ts';

const START = Temporal.Instant.from('2026-01-01T00:00:00Z');
const day = (days: number) => START.add({ hours: days * 24 });

const term: fc.Arbitrary<Term> = fc.oneof(
  fc.constant({ kind: 'perpetual' as const }),
  fc
    .record({ from: fc.integer({ min: -5, max: 20 }), length: fc.integer({ min: 1, max: 20 }) })
    .map(({ from, length }) => ({ kind: 'term' as const, startsAt: day(from), endsAt: day(from + length) })),
);
const LOT_IDS = ['L1', 'L2', 'L3', 'L4'];
const ACCOUNTS = ['sales', 'lab', 'shop'];
const lots = fc
  .tuple(...LOT_IDS.map(() => fc.record({ licenseId: fc.constantFrom('gold', 'silver'), term })))
  .map((drawn) =>
    drawn.map(
      (each, index): Lot => ({
        ...each,
        lotId: LOT_IDS[index] ?? '',
        source: { kind: 'order', reference: 'order 1' },
        billing: 'prepaid',
      }),
    ),
  );
/** Deposits are large and what is asked for is small, so that most steps are accepted and some are not. */
const delivered = fc.integer({ min: 5, max: 40 });
const quantity = fc.integer({ min: 1, max: 8 });
const account = fc.constantFrom(...ACCOUNTS);
const lines: fc.Arbitrary<TakeLine[]> = fc.array(
  fc.record({
    licenseId: fc.constantFrom('gold', 'silver'),
    quantity,
    precedence: fc.constantFrom(undefined, 'longest-term-first' as const, 'shortest-term-first' as const),
  }),
  { minLength: 1, maxLength: 2 },
);
const destination: fc.Arbitrary<PostDestination> = fc.oneof(
  fc.constant({ kind: 'reserved' as const }),
  fc.constant({ kind: 'withdrawn' as const }),
  fc.record({ kind: fc.constant('virtual-account' as const), virtualAccountId: account }),
);
const step = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ do: fc.constant('deposit' as const), to: account, lot: fc.nat(3), quantity: delivered }),
  fc.record({ do: fc.constant('transfer' as const), from: account, to: account, lines }),
  fc.record({ do: fc.constant('hold' as const), from: account, lines }),
  fc.record({ do: fc.constant('post' as const), which: fc.nat(5), to: destination }),
  fc.record({ do: fc.constant('void' as const), which: fc.nat(5) }),
  fc.record({ do: fc.constant('start' as const) }),
  fc.record({ do: fc.constant('expire' as const) }),
  fc.record({
    do: fc.constant('correct' as const),
    change: fc.constantFrom('add' as const, 'withdraw' as const),
    of: account,
    lot: fc.nat(3),
    quantity,
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;
/** Every history begins with a delivery of each lot, so that there is something to move. */
const history = fc
  .tuple(
    fc.tuple(
      ...LOT_IDS.map((_, lot) => fc.record({ to: account, quantity: delivered, lot: fc.constant(lot) })),
    ),
    fc.array(step, { maxLength: 40, size: 'max' }),
  )
  .map(([deliveries, steps]): Step[] => [
    ...deliveries.map((each) => ({ do: 'deposit' as const, ...each })),
    ...steps,
  ]);

type World = {
  at: Temporal.Instant;
  ledger: Ledger;
  holds: { hold: Hold; endedBy: 'post' | 'void' | null }[];
};

/** Lives through random steps; refused ones change nothing. Answers the world and every movement made. */
function live(lotsThere: readonly Lot[], steps: readonly Step[]): World & { movements: Movement[] } {
  const world: World = { at: START, ledger: replay([]), holds: [] };
  const movements: Movement[] = [];
  for (const each of steps) {
    if (each.do === 'wait') {
      world.at = world.at.add({ hours: each.days * 24 });
      continue;
    }
    const decision = decide(world, lotsThere, each, `hold ${movements.length}`);
    if (!decision?.ok) continue;
    movements.push(decision.value);
    world.ledger = applyEntries(world.ledger, decision.value.entries);
    const made = decision.value;
    if (made.kind === 'hold') world.holds.push({ hold: made.hold, endedBy: null });
    if (made.kind === 'post' || made.kind === 'void') {
      const ended = world.holds.find(({ hold: { holdId } }) => holdId === made.hold.holdId);
      if (ended) ended.endedBy = made.kind;
    }
  }
  return { ...world, movements };
}

function decide(
  world: World,
  lotsThere: readonly Lot[],
  each: Exclude<Step, { do: 'wait' }>,
  holdId: string,
) {
  const { at, ledger } = world;
  const facts = { lots: lotsThere, holdings: ledger.holdings };
  if (each.do === 'deposit' || each.do === 'correct') {
    const lot = lotsThere[each.lot];
    if (!lot) return null;
    const delivered = ledger.delivered.get(lot.lotId) ?? 0;
    if (each.do === 'deposit') {
      return deposit({ lot, delivered }, { virtualAccountId: each.to, quantity: each.quantity }, at);
    }
    const { change, of, quantity: units } = each;
    const request = { virtualAccountId: of, lotId: lot.lotId, change, quantity: units, reason: 'checked' };
    return correct({ ...facts, delivered }, request, at);
  }
  if (each.do === 'transfer') {
    const request = { fromVirtualAccountId: each.from, toVirtualAccountId: each.to, lines: each.lines };
    return transfer(facts, request, at);
  }
  if (each.do === 'hold') {
    const request = {
      holdId,
      purpose: 'reservation' as const,
      virtualAccountId: each.from,
      lines: each.lines,
    };
    return hold(facts, request, at);
  }
  if (each.do === 'start') return start(facts, at);
  if (each.do === 'expire') return expire(facts, at);
  const kept = world.holds[each.which % Math.max(1, world.holds.length)];
  if (!kept) return null;
  const holdFacts = { ...kept, lots: lotsThere };
  return each.do === 'post' ? post(holdFacts, { to: each.to }, at) : voidHold(holdFacts, {}, at);
}

const entriesOf = (movements: readonly Movement[]): Entry[] =>
  movements.flatMap(({ entries }) => [...entries]);
const text = (holdings: readonly Holding[]) =>
  holdings.map((each) => `${each.virtualAccountId} ${each.quantity} ${each.state} ${each.lotId}`);

describe('whatever happens', () => {
  test('the entries of every movement sum to zero, lot by lot', () => {
    fc.assert(
      fc.property(lots, history, (lotsThere, steps) => {
        for (const { entries } of live(lotsThere, steps).movements) {
          for (const [, ofLot] of Map.groupBy(entries, ({ place }) => place.lotId)) {
            expect(ofLot.reduce((sum, entry) => sum + entry.quantity, 0)).toBe(0);
          }
        }
      }),
    );
  });
  test('nothing is below zero, and everything delivered is accounted for, after every movement', () => {
    fc.assert(
      fc.property(lots, history, (lotsThere, steps) => {
        let ledger = replay([]);
        for (const { entries } of live(lotsThere, steps).movements) {
          ledger = applyEntries(ledger, entries);
          expect(brokenLaws(ledger)).toEqual([]);
        }
      }),
    );
  });
  test('what is held is what the open holds say', () => {
    fc.assert(
      fc.property(lots, history, (lotsThere, steps) => {
        const { ledger, holds } = live(lotsThere, steps);
        const open = holds.filter(({ endedBy }) => endedBy === null).flatMap(({ hold: { parts } }) => parts);
        const held = ledger.holdings.filter(({ state }) => state === 'held');
        const sum = (all: readonly { quantity: number }[]) =>
          all.reduce((total, each) => total + each.quantity, 0);
        expect(sum(held)).toBe(sum(open));
      }),
    );
  });
  test('replaying the entries in any order gives the same ledger', () => {
    fc.assert(
      fc.property(lots, history, (lotsThere, steps) => {
        const { ledger, movements } = live(lotsThere, steps);
        expect(text(replay(entriesOf(movements).toReversed()).holdings)).toEqual(text(ledger.holdings));
      }),
    );
  });
  test('as of a later time every unit neither reserved nor held is in the state its term has then', () => {
    fc.assert(
      fc.property(lots, history, fc.nat(60), (lotsThere, steps, days) => {
        const { ledger, at } = live(lotsThere, steps);
        const later = at.add({ hours: days * 24 });
        const holdings = holdingsAsOf({ lots: lotsThere, holdings: ledger.holdings }, later);
        expect(brokenLaws({ ...ledger, holdings })).toEqual([]);
        for (const { lotId, state } of holdings) {
          const lot = lotsThere.find((each) => each.lotId === lotId);
          if (state !== 'reserved' && state !== 'held')
            expect(state).toBe(lot && termStateAt(lot.term, later));
        }
      }),
    );
  });
});

describe('from any state', () => {
  test('hold and void change nothing', () => {
    fc.assert(
      fc.property(lots, history, account, lines, (lotsThere, steps, from, wanted) => {
        const { ledger, at } = live(lotsThere, steps);
        const facts = { lots: lotsThere, holdings: ledger.holdings };
        const held = hold(
          facts,
          { holdId: 'H', purpose: 'reservation', virtualAccountId: from, lines: wanted },
          at,
        );
        fc.pre(held.ok);
        const given = voidHold({ hold: held.value.hold, lots: lotsThere, endedBy: null }, {}, at);
        if (!given.ok) throw new Error(given.code);
        const after = applyEntries(ledger, entriesOf([held.value, given.value]));
        expect(text(after.holdings)).toEqual(text(ledger.holdings));
      }),
    );
  });
  test('transfer and undo change nothing', () => {
    fc.assert(
      fc.property(lots, history, lines, (lotsThere, steps, wanted) => {
        const { ledger, at } = live(lotsThere, steps);
        const request = { fromVirtualAccountId: 'sales', toVirtualAccountId: 'lab', lines: wanted };
        const made = transfer({ lots: lotsThere, holdings: ledger.holdings }, request, at);
        fc.pre(made.ok);
        const moved = applyEntries(ledger, made.value.entries);
        const undone = undoTransfer(
          {
            lots: lotsThere,
            holdings: moved.holdings,
            movement: { ...made.value, movementId: 'T' },
            undoneBy: null,
          },
          {},
          at,
        );
        if (!undone.ok) throw new Error(undone.code);
        expect(text(applyEntries(moved, undone.value.entries).holdings)).toEqual(text(ledger.holdings));
      }),
    );
  });
  test('a transfer is made exactly when there is enough of every license, and moves exactly what was asked', () => {
    fc.assert(
      fc.property(lots, history, lines, (lotsThere, steps, wanted) => {
        const { ledger, at } = live(lotsThere, steps);
        // Due expiries are made first, so that what is available is what the ledger says.
        const holdings = holdingsAsOf({ lots: lotsThere, holdings: ledger.holdings }, at);
        const request = { fromVirtualAccountId: 'sales', toVirtualAccountId: 'lab', lines: wanted };
        const made = transfer({ lots: lotsThere, holdings }, request, at);
        const licenseOf = (lotId: string) => lotsThere.find((lot) => lot.lotId === lotId)?.licenseId;
        const asked = (licenseId: string) =>
          wanted.filter((line) => line.licenseId === licenseId).reduce((sum, line) => sum + line.quantity, 0);
        const available = (licenseId: string) =>
          holdings
            .filter(({ virtualAccountId, state }) => virtualAccountId === 'sales' && state === 'available')
            .filter(({ lotId }) => licenseOf(lotId) === licenseId)
            .reduce((sum, each) => sum + each.quantity, 0);
        expect(made.ok).toBe(['gold', 'silver'].every((each) => asked(each) <= available(each)));
        if (!made.ok) return;
        for (const licenseId of ['gold', 'silver']) {
          const arrived = made.value.entries
            .filter((entry) => entry.quantity > 0 && licenseOf(entry.place.lotId) === licenseId)
            .reduce((sum, entry) => sum + entry.quantity, 0);
          expect(arrived).toBe(asked(licenseId));
        }
      }),
    );
  });
  test('two transfers of different licenses may be made in either order', () => {
    fc.assert(
      fc.property(lots, history, quantity, quantity, (lotsThere, steps, gold, silver) => {
        const { ledger, at } = live(lotsThere, steps);
        const run = (order: readonly TakeLine[]) =>
          order.reduce((before, line) => {
            const request = { fromVirtualAccountId: 'sales', toVirtualAccountId: 'lab', lines: [line] };
            const made = transfer({ lots: lotsThere, holdings: before.holdings }, request, at);
            return made.ok ? applyEntries(before, made.value.entries) : before;
          }, ledger);
        const one = { licenseId: 'gold', quantity: gold };
        const other = { licenseId: 'silver', quantity: silver };
        expect(text(run([one, other]).holdings)).toEqual(text(run([other, one]).holdings));
      }),
    );
  });
});

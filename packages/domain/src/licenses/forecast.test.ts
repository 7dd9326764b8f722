import { describe, expect, test } from 'vitest';
import { endingsByMonth, runsOutAt } from './forecast.ts';
import type { HoldingState } from './holding.ts';
import type { Lot, Term } from './lot.ts';

const NOW = Temporal.Instant.from('2026-11-22T12:00:00Z');
const instant = (date: string) => Temporal.Instant.from(date.includes('T') ? date : `${date}T00:00:00Z`);
const term = (from: string, to: string): Term => ({
  kind: 'term',
  startsAt: instant(from),
  endsAt: instant(to),
});

/** Facts of one pool out of lines: quantity, state, term. */
function pool(...lines: readonly (readonly [number, HoldingState, Term])[]) {
  const lots = lines.map(
    ([, , of], index): Lot => ({
      lotId: `L${index}`,
      licenseId: 'gold',
      source: { kind: 'order', reference: 'order 1' },
      term: of,
      billing: 'prepaid',
    }),
  );
  const holdings = lines.map(([quantity, state], index) => ({
    virtualAccountId: 'sales',
    lotId: `L${index}`,
    state,
    quantity,
  }));
  return { lots, holdings };
}

describe('endings by month', () => {
  test('cover 24 months from this one, empty ones too', () => {
    const months = endingsByMonth(pool(), NOW);
    expect(months.map(({ month }) => month)).toHaveLength(24);
    expect([months[0]?.month, months[1]?.month, months[23]?.month]).toEqual([
      '2026-11',
      '2026-12',
      '2028-10',
    ]);
    expect(months.every(({ quantity }) => quantity === 0)).toBe(true);
  });
  test('count what is pending, available, reserved or held, and name the lots', () => {
    const facts = pool(
      [1, 'available', term('2026-01-01', '2027-01-31T23:59:59Z')],
      [2, 'reserved', term('2026-01-01', '2027-01-15')],
      [4, 'held', term('2026-01-01', '2027-01-01')],
      [8, 'pending', term('2027-01-02', '2027-02-01')],
      [16, 'expired', term('2026-01-01', '2027-01-01')],
      [32, 'available', { kind: 'perpetual' }],
      [64, 'available', term('2026-01-01', '2026-11-22T12:00:00Z')],
    );
    const ending = endingsByMonth(facts, NOW).filter(({ quantity }) => quantity > 0);
    expect(
      ending.map(({ month, quantity, lots }) => [month, quantity, lots.map(({ lotId }) => lotId).join(' ')]),
    ).toEqual([
      ['2027-01', 7, 'L2 L1 L0'],
      ['2027-02', 8, 'L3'],
    ]);
  });
  test('look as far as asked', () => {
    expect(endingsByMonth(pool(), NOW, 2).map(({ month }) => month)).toEqual(['2026-11', '2026-12']);
  });
});

describe('when a pool runs out', () => {
  const facts = pool(
    [5, 'available', { kind: 'perpetual' }],
    [5, 'available', term('2026-01-01', '2027-01-01')],
    [3, 'pending', term('2027-01-01', '2028-01-01')],
  );
  test.each([
    [5, 'never'],
    [8, '2028-01-01T00:00:00Z short by 3'],
    [9, '2027-01-01T00:00:00Z short by 1'],
    [11, '2026-11-22T12:00:00Z short by 1'],
  ])('with %i in use: %s', (inUse, expected) => {
    const end = runsOutAt(facts, inUse, NOW);
    expect(end ? `${end.at} short by ${end.shortBy}` : 'never').toBe(expected);
  });
});

import { describe, expect, test } from 'vitest';
import { type InventoryRow, lentWords, stateOf } from './inventory-row.ts';

const now = Date.parse('2026-11-22T12:00:00Z');

const row = (facts: Partial<InventoryRow>): InventoryRow => ({
  tag: 'regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  licenseName: 'Network Advantage',
  family: '',
  enforcement: 'unenforced',
  billing: ['prepaid'],
  virtualAccountId: null,
  virtualAccountPath: [],
  pools: 1,
  poolsShort: 0,
  short: 0,
  shortSince: null,
  nextEnd: null,
  openAlerts: 0,
  owned: 10,
  pending: 0,
  available: 10,
  reserved: 0,
  held: 0,
  expired: 0,
  inUse: 4,
  lent: 0,
  borrowed: 0,
  balance: 6,
  state: 'in-compliance',
  ...facts,
});

describe('the fact that matters most about a row', () => {
  const ending = { endsAt: '2026-12-14T00:00:00Z', quantity: 1500 };

  test('a shortage comes before anything that ends, even where the balance over all pools is positive', () => {
    expect(stateOf(row({ short: 31, poolsShort: 2, balance: 6, nextEnd: ending }), now)).toEqual({
      tone: 'bad',
      words: 'Short by 31 in 2 pools',
    });
  });

  test('an overage within the allowance is a warning, not a shortage', () => {
    expect(stateOf(row({ state: 'overage', balance: -2 }), now)).toEqual({
      tone: 'warn',
      words: 'Over by 2',
    });
  });

  test('an end within 90 days is named with its quantity, a later one is not', () => {
    expect(stateOf(row({ nextEnd: ending }), now)).toEqual({ tone: 'warn', words: '1,500 end 14 Dec' });
    expect(stateOf(row({ nextEnd: { ...ending, endsAt: '2027-02-21T00:00:00Z' } }), now).tone).toBe('ok');
  });

  test('a pool that owns nothing yet says what is still to start', () => {
    const words = '8 not started yet';
    expect(stateOf(row({ owned: 0, available: 0, inUse: 0, balance: 0, pending: 8 }), now)).toEqual({
      tone: 'info',
      words,
    });
    expect(stateOf(row({ pending: 8 }), now).tone).toBe('ok');
  });

  test('substitution shows where nothing else does', () => {
    expect(stateOf(row({ borrowed: 4 }), now)).toEqual({ tone: 'info', words: 'Substituted: 4' });
    expect(stateOf(row({}), now)).toEqual({ tone: 'ok', words: 'In compliance' });
  });
});

test('what is borrowed is said beside a shortage, and who lends is told from who borrows', () => {
  expect(stateOf(row({ short: 27, borrowed: 4 }), now).words).toBe('Short by 27, 4 borrowed');
  expect(stateOf(row({ short: 27 }), now).words).toBe('Short by 27');
  expect(lentWords({ lent: 4, borrowed: 0 })).toBe('4 lent');
  expect(lentWords({ lent: 0, borrowed: 1200 })).toBe('1,200 borrowed');
  expect(lentWords({ lent: 2, borrowed: 2 })).toBe('0');
});

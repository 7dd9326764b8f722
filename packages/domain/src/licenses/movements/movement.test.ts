import { expect, test } from 'vitest';
import { holdingPlace } from '../holding.ts';
import { balanceEntries } from './movement.ts';

const entry = (virtualAccountId: string, lotId: string, quantity: number) => ({
  place: holdingPlace(virtualAccountId, lotId, 'available'),
  quantity,
});

test('entries that do not sum to zero for every lot never become a movement', () => {
  expect(() => balanceEntries([entry('a', 'one', -2), entry('b', 'one', 3)])).toThrow(
    'sum to 1 instead of 0',
  );
  // In all they sum to zero, but one lot turns into another.
  expect(() => balanceEntries([entry('a', 'one', -2), entry('b', 'two', 2)])).toThrow('instead of 0');
});

test('entries of one place become one, and none of 0 is left', () => {
  const entries = [
    entry('b', 'one', 3),
    entry('a', 'one', -1),
    entry('c', 'one', 1),
    entry('a', 'one', -2),
    entry('c', 'one', -1),
  ];
  expect(balanceEntries(entries)).toEqual([entry('a', 'one', -3), entry('b', 'one', 3)]);
});

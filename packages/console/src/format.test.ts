import { describe, expect, test } from 'vitest';
import {
  formatChange,
  formatNumber,
  formatPathEnd,
  formatRelative,
  formatShare,
  formatShortDay,
  shortTag,
} from './format.ts';

describe('numbers', () => {
  test('a negative number carries a minus sign, not a hyphen', () => {
    expect(formatNumber(-31)).toBe('−31');
    expect(formatNumber(-0)).toBe('0');
  });

  test('a change always shows its direction, and nothing shows none', () => {
    expect([4, -4, 0].map(formatChange)).toEqual(['+4', '−4', '0']);
  });

  test('there is no share of nothing', () => {
    expect(formatShare(3, 0)).toBeNull();
    expect(formatShare(1, 8)).toMatch(/^12[.,]5 %$/);
  });
});

describe('times', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');

  test('relative times use the largest whole unit', () => {
    expect(formatRelative('2026-11-22T11:59:40Z', now)).toBe('just now');
    expect(formatRelative('2026-11-19T11:00:00Z', now)).toBe('3 days ago');
    expect(formatRelative('2027-01-22T12:00:00Z', now)).toBe('in 2 months');
  });

  test('the year shows only where it is another one', () => {
    expect(formatShortDay('2026-12-14T00:00:00Z', now)).toBe('14 Dec');
    expect(formatShortDay('2027-01-09T00:00:00Z', now)).toBe('9 Jan 2027');
  });
});

test('a tag is shortened to its name and version, and left alone where it has another form', () => {
  expect(shortTag('regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff')).toBe(
    'NET_ADV,1.0',
  );
  expect(shortTag('something else')).toBe('something else');
});

test('names the end of a long path', () => {
  expect(formatPathEnd(['EMEA', 'Lyon'])).toBe('EMEA / Lyon');
  expect(formatPathEnd(['EMEA', 'France', 'Lyon', 'Depot 3'])).toBe('… / Lyon / Depot 3');
});

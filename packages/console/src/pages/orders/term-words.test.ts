import { expect, test } from 'vitest';
import { termWords } from './term-words.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const none = { endsAt: null, startDate: null, deliveredAt: null };

test('a term that is over has ended, from its last instant on', () => {
  expect(termWords({ ...none, endsAt: '2026-11-06T00:00:00Z' }, now)).toBe('ended 6 Nov 2026');
  expect(termWords({ ...none, endsAt: '2026-11-22T12:00:00Z' }, now)).toBe('ended 22 Nov 2026');
  expect(termWords({ ...none, endsAt: '2026-12-04T00:00:00Z' }, now)).toBe('ends 4 Dec');
  expect(termWords({ ...none, endsAt: '2028-01-01T00:00:00Z' }, now)).toBe('ends 1 Jan 2028');
});

test('what has no end yet says when it starts, or that it has none', () => {
  expect(termWords({ ...none, startDate: '2027-01-01' }, now)).toBe('starts 1 Jan 2027');
  expect(termWords(none, now)).toBe('from delivery');
  expect(termWords({ ...none, deliveredAt: '2026-11-22T12:00:00Z' }, now)).toBe('no end');
});

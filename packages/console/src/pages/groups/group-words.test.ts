import { expect, test } from 'vitest';
import { type Group, groupsSentence, keysEnded } from './group-words.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const group = (people: number, until: string | null = null): Group => ({
  groupId: 'g',
  name: 'Night shift',
  role: 'viewer',
  scope: { kind: 'account' },
  until,
  people,
  provisioned: false,
  madeBy: 'Ana Ruiz',
  madeAt: '2026-11-01T12:00:00Z',
});

test.each<[Group[], boolean, string]>([
  [[], false, 'People who do the same work can have their role together, as a group.'],
  [[group(2)], false, '1 group.'],
  [[group(2), group(1, '2026-11-22T12:00:01Z')], true, '2 groups and more.'],
  [[group(2), group(1, '2026-11-22T12:00:00Z')], false, '2 groups, 1 has ended.'],
  [[group(0), group(0), group(3)], false, '3 groups, 2 are empty.'],
])('says what matters about %#', (groups, hasMore, sentence) => {
  expect(groupsSentence(groups, hasMore, now)).toBe(sentence);
});

test('names the keys that ended, where there are any', () => {
  expect(keysEnded([])).toBe('');
  expect(keysEnded([{ name: 'ERP' }, { name: 'Sync' }])).toBe(' 2 API keys ended with it: ERP, Sync.');
});

import { expect, it } from 'vitest';
import { dueNotice, type RoleEndNotice } from './role-ends.ts';

const until = Temporal.Instant.from('2026-12-31T23:59:59Z');
const days = (count: number) => until.subtract({ hours: 24 * count });

it.each<[string, number, RoleEndNotice[], number, RoleEndNotice | null]>([
  ['long before', 100, [], 15, null],
  ['14 days before', 100, [], 14, '14-days'],
  ['the same again', 100, ['14-days'], 10, null],
  ['3 days before', 100, ['14-days'], 3, '3-days'],
  ['only the latest, where the server was away', 100, [], 2, '3-days'],
  ['when it has ended', 100, ['14-days', '3-days'], 0, 'ended'],
  ['the end again', 100, ['14-days', '3-days', 'ended'], -1, null],
  ['an end that is old news', 100, ['14-days', '3-days'], -7, null],
  ['a role given for ten days needs no notice at once', 10, [], 10, null],
  ['and is told of 3 days before', 10, [], 3, '3-days'],
  ['a role given for a day is told of when it has ended', 1, [], 0, 'ended'],
])('%s', (_, givenDays, told, nowDays, expected) => {
  expect(dueNotice({ givenAt: days(givenDays), until }, told, days(nowDays))).toBe(expected);
});

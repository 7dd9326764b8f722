import { describe, expect, test } from 'vitest';
import { differencesOf } from './event-diff.ts';

describe('what an event changed', () => {
  test('what changed comes first, what stayed after it', () => {
    expect(differencesOf({ name: 'Lyon', depth: 2 }, { name: 'Lyon', depth: 3 })).toEqual([
      { path: 'depth', before: '2', after: '3', changed: true },
      { path: 'name', before: 'Lyon', after: 'Lyon', changed: false },
    ]);
  });

  test('a new object has nothing before, a deleted one nothing after', () => {
    expect(differencesOf(null, { name: 'Lyon' })).toEqual([
      { path: 'name', before: null, after: 'Lyon', changed: true },
    ]);
    expect(differencesOf({ name: 'Lyon' }, null)).toEqual([
      { path: 'name', before: 'Lyon', after: null, changed: true },
    ]);
  });

  test('reaches into objects and lists', () => {
    const before = { scope: { virtualAccounts: [{ nested: false }] } };
    const after = { scope: { virtualAccounts: [{ nested: true }] } };
    expect(differencesOf(before, after)).toEqual([
      { path: 'scope.virtualAccounts.0.nested', before: 'false', after: 'true', changed: true },
    ]);
  });

  test('nothing, null and an empty text are the same', () => {
    expect(differencesOf({ until: null, description: '' }, {})).toEqual([]);
    expect(differencesOf(undefined, null)).toEqual([]);
  });
});

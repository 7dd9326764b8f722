import { expect, test } from 'vitest';
import { placeOfLicense } from './alert-words.ts';

const short = { kind: 'insufficient-licenses', virtualAccountId: 'lyon', resolvedAt: null } as const;

test('an open shortage leads to the short row with its panel open', () => {
  expect(placeOfLicense('halden', short, 'regid.x')).toEqual({
    to: '/accounts/$accountId/licenses',
    params: { accountId: 'halden' },
    search: {
      virtualAccountId: 'lyon',
      nested: false,
      state: 'out-of-compliance',
      open: 'regid.x',
      at: 'lyon',
    },
  });
});

test('a shortage that has ended, and an ending, lead to the page of the license', () => {
  const page = { params: { accountId: 'halden', tag: 'regid.x' }, search: { virtualAccountId: 'lyon' } };
  const ended = { ...short, resolvedAt: '2026-11-22T12:00:00Z' };
  expect(placeOfLicense('halden', ended, 'regid.x')).toMatchObject(page);
  expect(placeOfLicense('halden', { ...short, kind: 'licenses-expiring' }, 'regid.x')).toMatchObject(page);
});

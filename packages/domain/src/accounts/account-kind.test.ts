import { expect, it } from 'vitest';
import {
  accountKinds,
  firstToken,
  mayHaveBoth,
  mayUseLicenses,
  offersFirstSteps,
  roomForPerson,
  roomForVirtualAccount,
} from './account-kind.ts';

it('lets an account for limited use have 3 people and 3 virtual accounts', () => {
  expect(roomForPerson('limited-use', 2)).toEqual({ ok: true, value: null });
  expect(roomForPerson('limited-use', 3)).toEqual({ ok: false, code: 'limited-use-people', maximum: 3 });
  expect(roomForVirtualAccount('limited-use', 2)).toEqual({ ok: true, value: null });
  expect(roomForVirtualAccount('limited-use', 3)).toEqual({
    ok: false,
    code: 'limited-use-virtual-accounts',
    maximum: 3,
  });
});

it.each(['customer', 'holding'] as const)('sets no limit to a %s account', (kind) => {
  expect(roomForPerson(kind, 10_000).ok).toBe(true);
  expect(roomForVirtualAccount(kind, 10_000).ok).toBe(true);
});

it('lets licenses be used everywhere but in a holding account', () => {
  expect((['customer', 'holding', 'limited-use'] as const).map(mayUseLicenses)).toEqual([true, false, true]);
});

it('offers first steps to limited use alone', () => {
  expect((['customer', 'holding', 'limited-use'] as const).map(offersFirstSteps)).toEqual([
    false,
    false,
    true,
  ]);
  expect(firstToken).toEqual({ maximumUses: 1, expiresInDays: 30 });
});

it('lets a company have a holding and a customer account, and none beside one for limited use', () => {
  const pairs = accountKinds.flatMap((existing) =>
    accountKinds.filter((asked) => mayHaveBoth(existing, asked)).map((asked) => `${existing}+${asked}`),
  );
  expect(pairs).toEqual(['customer+holding', 'holding+customer']);
});

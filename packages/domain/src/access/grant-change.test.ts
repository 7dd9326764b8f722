import { expect, it } from 'vitest';
import { changeGrant, changeInWords, type GrantChange, type GrantTerms } from './grant-change.ts';
import { rolesThatInclude } from './policy.ts';

const until = Temporal.Instant.from('2026-12-31T23:59:59Z');
const at = (...ids: string[]) => ({
  kind: 'virtual-accounts' as const,
  virtualAccounts: ids.map((virtualAccountId) => ({ virtualAccountId, nested: true })),
});
const whole = { kind: 'account' } as const;
const before: GrantTerms = { scope: at('a', 'b'), until, soldBy: null };

it.each<[string, GrantChange, string]>([
  ['an end later', { until: until.add({ hours: 24 }) }, ', until 2027-01-01T23:59:59Z'],
  ['no end', { until: null }, ', without an end'],
  ['another scope', { scope: at('a') }, ', in other places'],
  ['the whole account', { scope: whole, until: null }, ', without an end, in the whole account'],
  ['a limit', { soldBy: 'Nordlicht' }, ', limited to the lots of Nordlicht'],
])('takes %s and leaves the rest', (_, change, words) => {
  const decision = changeGrant(before, change, 0);
  if (!decision.ok) throw new Error(decision.code);
  expect(decision.value.terms).toEqual({ ...before, ...change });
  expect(changeInWords(decision.value, before)).toBe(words);
});

it('says that a limit is lifted', () => {
  const limited = { ...before, soldBy: 'Nordlicht' };
  const decision = changeGrant(limited, { soldBy: null }, 0);
  expect(decision.ok && changeInWords(decision.value, limited)).toBe(
    ', no longer limited to the lots of Nordlicht',
  );
});

it.each<[string, GrantChange, number, string]>([
  ['nothing', {}, 0, 'nothing-to-do'],
  [
    'what it is already, named in another order',
    { scope: at('b', 'a'), until, soldBy: null },
    0,
    'nothing-to-do',
  ],
  ['a limit that other roles would get, too', { soldBy: 'Nordlicht' }, 1, 'seller-limit-differs'],
])('refuses %s', (_, change, others, code) => {
  expect(changeGrant(before, change, others)).toMatchObject({ ok: false, code });
});

it('changes an end beside other roles', () => {
  expect(changeGrant(before, { until: null, soldBy: null }, 3).ok).toBe(true);
});

it('knows which roles give all that another gives', () => {
  expect(rolesThatInclude('viewer')).toEqual([
    'account-administrator',
    'account-user',
    'virtual-account-administrator',
    'viewer',
  ]);
  expect(rolesThatInclude('approver')).toEqual(['approver', 'account-administrator']);
  expect(rolesThatInclude('virtual-account-user')).toEqual([
    'account-administrator',
    'account-user',
    'virtual-account-administrator',
    'virtual-account-user',
  ]);
  expect(rolesThatInclude('account-administrator')).toEqual(['account-administrator']);
});

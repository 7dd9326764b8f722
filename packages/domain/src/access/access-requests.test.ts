import { describe, expect, it } from 'vitest';
import { type AskedAccess, judgeAnswer, judgeAnswering, rolesInPlaceOf } from './access-requests.ts';
import { type AccountRole, accountRoles, type GrantScope } from './roles.ts';

const whole: GrantScope = { kind: 'account' };
const at = (...ids: string[]): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: ids.map((virtualAccountId) => ({ virtualAccountId, nested: true })),
});
/** `a/b` lies below `a`. */
const isBelow = (one: string, other: string) => one === other || one.startsWith(`${other}/`);
const asked = (role: AccountRole, place: AskedAccess['place']): AskedAccess => ({
  role,
  place,
  requesterId: 'ana',
});
const judged = (of: AskedAccess, role: AccountRole, scope: GrantScope): string => {
  const decision = judgeAnswer(of, { role, scope }, isBelow);
  return decision.ok ? 'given' : decision.code;
};

describe('what an approver may give', () => {
  it('is the role that was asked for or one below it, and never more', () => {
    const table = accountRoles.map((role) => {
      const may = accountRoles.filter((given) => judged(asked(role, 'account'), given, whole) === 'given');
      return `${role}: ${may.join(' ')}`;
    });
    expect(table).toEqual([
      'approver: approver viewer',
      'account-administrator: approver account-administrator account-user virtual-account-administrator virtual-account-user viewer',
      'account-user: account-user virtual-account-user viewer',
      'virtual-account-administrator: virtual-account-administrator virtual-account-user viewer',
      'virtual-account-user: virtual-account-user viewer',
      'viewer: viewer',
    ]);
  });

  it('never goes up again in two steps', () => {
    for (const role of accountRoles) {
      for (const lower of rolesInPlaceOf[role]) {
        expect(rolesInPlaceOf[role]).toEqual(expect.arrayContaining([...rolesInPlaceOf[lower]]));
      }
    }
  });

  it.each([
    ['the whole account, where it was asked for', 'account', whole, 'given'],
    ['a part of the account', 'account', at('a'), 'given'],
    ['the virtual account', { virtualAccountId: 'a' }, at('a'), 'given'],
    ['one nested in it', { virtualAccountId: 'a' }, at('a/b', 'a/c'), 'given'],
    ['one beside it as well', { virtualAccountId: 'a' }, at('a', 'b'), 'more-than-asked'],
    ['the one above it', { virtualAccountId: 'a/b' }, at('a'), 'more-than-asked'],
    ['the whole account, where a part was asked for', { virtualAccountId: 'a' }, whole, 'more-than-asked'],
    ['what the approver takes an unknown path for', null, at('x'), 'given'],
    ['the whole account for an unknown path', null, whole, 'more-than-asked'],
  ] as const)('%s', (_, place, scope, expected) => {
    expect(judged(asked('viewer', place), 'viewer', scope)).toBe(expected);
  });
});

it.each([
  ['somebody else', 'bo', null, 'may'],
  ['the person themselves', 'ana', null, 'own-access-request'],
  ['an API key that the person made', null, 'ana', 'own-access-request'],
  ['an API key that somebody else made', null, 'bo', 'may'],
  ['an API key of nobody known', null, null, 'may'],
] as const)('answers by %s', (_, personId, keyMadeBy, expected) => {
  const decision = judgeAnswering({ requesterId: 'ana' }, { personId, keyMadeBy });
  expect(decision.ok ? 'may' : decision.code).toBe(expected);
});

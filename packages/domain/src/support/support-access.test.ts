import { describe, expect, it } from 'vitest';
import { accountActions, actionsOf, supportPolicy } from '../access/index.ts';
import {
  judgeSupport,
  type SupportMode,
  type SupportRule,
  supportMayBecome,
  supportName,
  supportRoleOf,
  supportStates,
} from './support-access.ts';

const minutes = 60;
const mostMinutes = 480;

it.each<[SupportRule, SupportMode, string]>([
  ['notice', 'read', 'open'],
  ['notice', 'act', 'asked'],
  ['ask', 'read', 'asked'],
  ['ask', 'act', 'asked'],
])('where the account says %s, to %s is %s', (rule, mode, state) => {
  expect(judgeSupport({ mode, minutes }, { rule, mostMinutes })).toEqual({ ok: true, value: state });
});

it('opens nothing where it is forbidden, and nothing for longer than the platform says', () => {
  for (const mode of ['read', 'act'] as const) {
    expect(judgeSupport({ mode, minutes }, { rule: 'forbidden', mostMinutes })).toEqual({
      ok: false,
      code: 'support-forbidden',
    });
  }
  const asked = { mode: 'read', minutes: 61 } as const;
  expect(judgeSupport(asked, { rule: 'notice', mostMinutes: 60 })).toEqual({
    ok: false,
    code: 'support-too-long',
    most: 60,
  });
  expect(judgeSupport({ ...asked, minutes: 60 }, { rule: 'notice', mostMinutes: 60 }).ok).toBe(true);
});

it('goes only forward: from the question to open, and from open to its end', () => {
  const ways = supportStates.flatMap((from) =>
    supportStates.filter((to) => supportMayBecome(from, to)).map((to) => `${from} → ${to}`),
  );
  expect(ways).toEqual([
    'asked → open',
    'asked → declined',
    'asked → expired',
    'asked → withdrawn',
    'open → ended',
  ]);
});

describe('what an open access gives', () => {
  const allowed = (mode: SupportMode) =>
    actionsOf([{ grantId: 'x', role: supportRoleOf[mode], scope: { kind: 'account' } }]);
  const viewer = actionsOf([{ grantId: 'x', role: 'viewer', scope: { kind: 'account' } }]);
  const administrator = actionsOf([
    { grantId: 'x', role: 'account-administrator', scope: { kind: 'account' } },
  ]);

  it('is what a viewer may, for looking around', () => {
    expect(allowed('read')).toEqual(viewer);
  });

  it('is what an administrator may but people, keys, tokens, agreements, settings and all events, for acting', () => {
    expect(administrator.filter((action) => !allowed('act').includes(action))).toEqual([
      'accept-agreements',
      'manage-people',
      'answer-access-requests',
      'manage-account-settings',
      'view-all-events',
      'manage-tokens',
      'request-accounts',
    ]);
    expect(allowed('act').filter((action) => !administrator.includes(action))).toEqual([]);
    expect(Object.keys(supportPolicy)).toEqual(accountActions);
  });
});

it('calls support by name and case', () => {
  expect(supportName('Ola Berg', '123')).toBe('Ola Berg, support of the publisher, for case 123');
});

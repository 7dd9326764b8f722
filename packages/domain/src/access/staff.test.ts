import { describe, expect, it } from 'vitest';
import { platformPolicy } from './policy.ts';
import { platformRoles } from './roles.ts';
import {
  judgeStaffChange,
  mayGivePlatformRole,
  operatorMayLeave,
  type PlatformGrant,
  type StaffChange,
} from './staff.ts';

const now = Temporal.Instant.from('2026-11-30T00:00:00Z');
const soon = now.add({ hours: 1 });
const late = now.add({ hours: 48 });
const forever = (role: PlatformGrant['role']): PlatformGrant => ({ role, until: null });

describe('who may give a platform role', () => {
  it('an operator gives every role, for as long as they are one', () => {
    for (const role of platformRoles) {
      expect(mayGivePlatformRole([forever('operator')], forever(role)), role).toBe(true);
      expect(mayGivePlatformRole([{ role: 'operator', until: soon }], forever(role)), role).toBe(false);
      expect(mayGivePlatformRole([{ role: 'operator', until: soon }], { role, until: late }), role).toBe(
        false,
      );
      expect(mayGivePlatformRole([{ role: 'operator', until: late }], { role, until: soon }), role).toBe(
        true,
      );
    }
  });

  it('nobody gives an action they do not have', () => {
    expect(mayGivePlatformRole([forever('support')], forever('operator'))).toBe(false);
    expect(mayGivePlatformRole([forever('support')], forever('support'))).toBe(true);
    expect(mayGivePlatformRole([], forever('support'))).toBe(false);
    const policy = { ...platformPolicy, 'open-support-access': ['support'] } as const;
    expect(mayGivePlatformRole([forever('operator')], forever('support'), policy)).toBe(false);
    expect(mayGivePlatformRole([forever('operator'), forever('support')], forever('support'), policy)).toBe(
      true,
    );
  });
});

it('an operator leaves only while another one stays, without an end and able to sign in', () => {
  const ola = { personId: 'ola', expires: false, canSignIn: true };
  expect(operatorMayLeave('ola', [ola])).toBe(false);
  expect(operatorMayLeave('ola', [ola, { personId: 'ida', expires: true, canSignIn: true }])).toBe(false);
  expect(operatorMayLeave('ola', [ola, { personId: 'ida', expires: false, canSignIn: false }])).toBe(false);
  expect(operatorMayLeave('ola', [ola, { personId: 'ida', expires: false, canSignIn: true }])).toBe(true);
  expect(operatorMayLeave('ida', [ola])).toBe(true);
});

describe('a change of platform roles', () => {
  const change: StaffChange = {
    actorId: 'ola',
    personId: 'ida',
    own: [forever('operator')],
    before: [forever('support')],
    after: [forever('order-desk')],
    operators: [{ personId: 'ola', expires: false, canSignIn: true }],
  };

  it.each<[string, Partial<StaffChange>, object]>([
    ['is made by an operator', {}, { ok: true, value: null }],
    ['is never one’s own', { personId: 'ola' }, { ok: false, code: 'own-role' }],
    [
      'gives nothing for longer than one holds',
      { own: [{ role: 'operator', until: soon }] },
      { ok: false, code: 'grant-exceeds-own', role: 'order-desk' },
    ],
    [
      'takes what one could give, however long it would have lasted',
      { own: [{ role: 'operator', until: soon }], after: [] },
      { ok: true, value: null },
    ],
    [
      'takes nothing one could not give',
      { own: [forever('order-desk')], after: [] },
      { ok: false, code: 'grant-exceeds-own', role: 'support' },
    ],
    [
      'leaves the last operator',
      {
        before: [forever('operator')],
        operators: [{ personId: 'ida', expires: false, canSignIn: true }],
      },
      { ok: false, code: 'last-operator' },
    ],
    [
      'gives the last operator no end',
      {
        before: [forever('operator')],
        after: [{ role: 'operator', until: late }],
        operators: [{ personId: 'ida', expires: false, canSignIn: true }],
      },
      { ok: false, code: 'last-operator' },
    ],
  ])('%s', (_, given, judged) => {
    expect(judgeStaffChange({ ...change, ...given }, now)).toEqual(judged);
  });
});

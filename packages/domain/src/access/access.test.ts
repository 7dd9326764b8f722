import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AdministratorGrant, administratorsMayLeave } from './leaving.ts';
import { type AccountAction, accountActions, accountPolicy } from './policy.ts';
import { actionsOf, grantsThatAllow, mayGrant, platformAllows, reachOf } from './reach.ts';
import {
  type AccountRole,
  accountRoles,
  type Grant,
  type GrantScope,
  normalizeScope,
  type OwnGrant,
  platformRoles,
  roleLevels,
  roleTakesScope,
} from './roles.ts';

/** A small tree: each virtual account with those above it, itself first. */
const above: Record<string, readonly string[]> = {
  europe: ['europe'],
  berlin: ['berlin', 'europe'],
  mitte: ['mitte', 'berlin', 'europe'],
  asia: ['asia'],
};
const ids = Object.keys(above);
const whole: GrantScope = { kind: 'account' };
const at = (virtualAccountId: string, nested = true): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId, nested }],
});
const grantOf = (role: AccountRole, scope: GrantScope): OwnGrant => ({ grantId: role, role, scope });

/** Where grants allow an action, one virtual account at a time. */
function allowedIn(grants: readonly Grant[], action: AccountAction): string[] {
  const reach = reachOf(grants, action);
  if (reach.kind !== 'virtual-accounts') return reach.kind === 'everything' ? ids : [];
  return ids.filter((id) =>
    reach.roots.some((root) =>
      root.nested ? above[id]?.includes(root.virtualAccountId) : root.virtualAccountId === id,
    ),
  );
}
const coversOf =
  (grants: readonly Grant[]) =>
  (action: AccountAction, virtualAccountId: string, nested: boolean): boolean => {
    const allowed = allowedIn(grants, action);
    return ids.every(
      (id) =>
        !(nested ? above[id]?.includes(virtualAccountId) : id === virtualAccountId) || allowed.includes(id),
    );
  };

const scopes: fc.Arbitrary<GrantScope> = fc
  .array(fc.record({ virtualAccountId: fc.constantFrom(...ids), nested: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((virtualAccounts) => normalizeScope({ kind: 'virtual-accounts', virtualAccounts }));
const grants: fc.Arbitrary<OwnGrant> = fc
  .constantFrom(...accountRoles)
  .chain((role) =>
    (roleLevels[role].includes('account') ? fc.oneof(fc.constant(whole), scopes) : scopes).map((scope) =>
      grantOf(role, scope),
    ),
  )
  .filter(({ role, scope }) => roleTakesScope(role, scope));

it('nobody gives a right they do not have there', () => {
  let given = 0;
  fc.assert(
    fc.property(fc.array(grants, { maxLength: 3 }), grants, (own, wanted) => {
      if (!mayGrant(own, wanted, coversOf(own))) return;
      given++;
      // The one exception: an administrator makes approvers and users, whose rights are all among theirs.
      for (const action of accountActions) {
        expect(allowedIn(own, action)).toEqual(expect.arrayContaining(allowedIn([wanted], action)));
      }
    }),
    { numRuns: 2000 },
  );
  expect(given).toBeGreaterThan(50);
});

it('a grant for virtual accounts never reaches the account as a whole, but for knowing that it is there', () => {
  fc.assert(
    fc.property(grants, fc.constantFrom(...accountActions), (grant, action) => {
      if (grant.scope.kind === 'account' || action === 'view-account') return;
      expect(reachOf([grant], action).kind).not.toBe('everything');
    }),
  );
});

it('more grants never reach less', () => {
  fc.assert(
    fc.property(
      fc.array(grants, { maxLength: 3 }),
      grants,
      fc.constantFrom(...accountActions),
      (own, more, action) => {
        expect(allowedIn([...own, more], action)).toEqual(expect.arrayContaining(allowedIn(own, action)));
      },
    ),
  );
});

it('names every role in every row of the table, and who has nothing may do nothing', () => {
  for (const row of Object.values(accountPolicy))
    expect(Object.keys(row).sort()).toEqual([...accountRoles].sort());
  expect(actionsOf([])).toEqual([]);
  expect(actionsOf([grantOf('viewer', at('asia'))]).sort()).toEqual([
    'view-account',
    'view-agreements',
    'view-events',
    'view-inventory',
    'view-people',
  ]);
});

it('a scope without virtual accounts reaches nothing', () => {
  const empty = grantOf('virtual-account-administrator', { kind: 'virtual-accounts', virtualAccounts: [] });
  expect(reachOf([empty], 'view-inventory').kind).toBe('nothing');
});

it('the platform’s roles do only what their list says', () => {
  expect(platformRoles.filter((role) => platformAllows([role], 'manage-accounts'))).toEqual(['operator']);
  expect(platformRoles.filter((role) => platformAllows([role], 'manage-orders'))).toEqual([
    'operator',
    'order-desk',
  ]);
  expect(platformAllows([], 'view-accounts')).toBe(false);
});

it('brings a scope that names one twice into its widest form', () => {
  expect(
    normalizeScope({
      kind: 'virtual-accounts',
      virtualAccounts: [
        { virtualAccountId: 'b', nested: false },
        { virtualAccountId: 'a', nested: false },
        { virtualAccountId: 'b', nested: true },
      ],
    }),
  ).toEqual({
    kind: 'virtual-accounts',
    virtualAccounts: [
      { virtualAccountId: 'a', nested: false },
      { virtualAccountId: 'b', nested: true },
    ],
  });
});

it.each<[string, Partial<AdministratorGrant>, Partial<AdministratorGrant>[], boolean]>([
  ['alone', {}, [], false],
  ['beside one that stays', {}, [{}], true],
  ['beside one whose role ends', {}, [{ expires: true }], false],
  ['beside one who never came', {}, [{ canSignIn: false }], false],
  ['never having come, beside another who did not', { canSignIn: false }, [{ canSignIn: false }], true],
  ['with a role that ends anyway', { expires: true }, [], true],
])('an administrator %s', (_, leaving, others, may) => {
  const all = [leaving, ...others].map((each, index) => ({
    grantId: `${index}`,
    personId: `${index}`,
    expires: false,
    canSignIn: true,
    ...each,
  }));
  expect(administratorsMayLeave(({ grantId }) => grantId === '0', all)).toBe(may);
});

it.each<[string, number, Partial<AdministratorGrant>[], boolean]>([
  ['alone in it', 1, [], false],
  ['all of them in it', 3, [], false],
  ['one of them administrator by another grant too', 2, [{ personId: '0' }], true],
  ['beside one that stays', 2, [{}], true],
  ['beside one whose role ends', 2, [{ expires: true }], false],
  ['beside one who never came', 2, [{ canSignIn: false }], false],
  ['nobody in it', 0, [{}], true],
])('a group of administrators goes with %s', (_, inGroup, others, may) => {
  const member = (personId: string, grantId: string): AdministratorGrant => ({
    grantId,
    personId,
    expires: false,
    canSignIn: true,
  });
  const all = [
    ...Array.from({ length: inGroup }, (_, index) => member(`${index}`, 'group')),
    ...others.map((each, index) => ({ ...member(`other ${index}`, `grant ${index}`), ...each })),
  ];
  expect(administratorsMayLeave(({ grantId }) => grantId === 'group', all)).toBe(may);
});

it('tells which grants allow an action at a place, each by itself', () => {
  const place = (virtualAccountId: string, isDefault = false) => ({
    virtualAccountId,
    ancestorIds: above[virtualAccountId] ?? [],
    isDefault,
  });
  const held = [
    grantOf('viewer', whole),
    grantOf('virtual-account-administrator', at('europe')),
    grantOf('virtual-account-user', at('berlin', false)),
  ];
  const through = (...asked: [AccountAction, ReturnType<typeof place> | null]) =>
    grantsThatAllow(held, ...asked).map(({ role }) => role);
  expect(through('view-inventory', place('mitte'))).toEqual(['viewer', 'virtual-account-administrator']);
  expect(through('move-inventory', place('berlin'))).toEqual([
    'virtual-account-administrator',
    'virtual-account-user',
  ]);
  expect(through('move-inventory', place('mitte'))).toEqual(['virtual-account-administrator']);
  expect(through('move-inventory', place('asia'))).toEqual([]);
  expect(through('manage-virtual-account', place('berlin', true))).toEqual([]);
  expect(through('view-people', null)).toEqual(['viewer']);
  expect(through('edit-account', null)).toEqual([]);
});

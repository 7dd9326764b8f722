import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountPolicy } from '../access/policy.ts';
import { accountRoles, roleTakesScope } from '../access/roles.ts';
import {
  carriedRole,
  chooseNames,
  judgeMove,
  judgeUndo,
  type MoveFacts,
  mayConsent,
  moveMayBecome,
  moveStates,
  type UndoFacts,
} from './account-move.ts';
import { nameKey } from './place.ts';

const facts: MoveFacts = {
  kind: 'merge',
  from: { kind: 'customer', status: 'active', name: 'North' },
  into: { kind: 'customer', status: 'active', name: 'South' },
  height: 3,
  parentDepth: 7,
  virtualAccounts: { moving: 5, there: 9 },
  peopleAfter: 12,
  movesDefault: true,
  held: 0,
  duplicates: [],
  takenNames: [],
  tooManyTags: false,
};
const codes = (change: Partial<MoveFacts>) => judgeMove({ ...facts, ...change }).map(({ code }) => code);
const limited = { kind: 'limited-use', status: 'active', name: 'Small' } as const;
const holding = { kind: 'holding', status: 'active', name: 'Partner' } as const;

describe('what stands in the way of a merge or split', () => {
  it.each<[string, Partial<MoveFacts>, string[]]>([
    ['nothing', {}, []],
    ['a level too many', { parentDepth: 8 }, ['nested-too-deep']],
    ['a suspended account', { from: { ...facts.from, status: 'suspended' } }, ['account-not-active']],
    ['an account that was merged', { into: { ...facts.into, status: 'merged' } }, ['account-not-active']],
    ['a holding account and a customer’s', { from: holding }, ['kinds-differ']],
    ['nothing, between two holding accounts', { from: holding, into: holding }, []],
    ['nothing, where limited use grows', { from: limited }, []],
    [
      'a customer’s that would shrink',
      { into: limited, peopleAfter: 3, virtualAccounts: { moving: 1, there: 2 } },
      ['kinds-differ'],
    ],
    [
      'nothing, within limited use',
      { from: limited, into: limited, peopleAfter: 3, virtualAccounts: { moving: 1, there: 2 } },
      [],
    ],
    [
      'too many people',
      { from: limited, into: limited, peopleAfter: 4, virtualAccounts: { moving: 1, there: 2 } },
      ['limited-use'],
    ],
    [
      'too many virtual accounts',
      { from: limited, into: limited, peopleAfter: 3, virtualAccounts: { moving: 2, there: 2 } },
      ['limited-use'],
    ],
    ['the default one in a split', { kind: 'split' }, ['default-virtual-account']],
    [
      'limited use in a split',
      { kind: 'split', from: limited, into: limited, movesDefault: false },
      ['limited-use'],
    ],
    ['units that are held', { held: 1 }, ['licenses-held']],
    ['a device on both sides', { duplicates: ['Router'] }, ['registered-on-both-sides']],
    [
      'a name that is taken, and tags',
      { takenNames: ['Berlin'], tooManyTags: true },
      ['name-taken', 'tag-limit'],
    ],
  ])('%s', (_, change, expected) => {
    expect(codes(change)).toEqual(expected);
  });
});

describe('names', () => {
  it('stay, unless they are taken, and those that were chosen come first', () => {
    const coming = [
      { id: '1', name: 'Berlin' },
      { id: '2', name: 'Paris' },
      { id: '3', name: 'Rome' },
    ];
    const { chosen, taken } = chooseNames(
      coming,
      ['BERLIN', 'Paris (North)', 'paris'],
      new Map([['3', 'Rom']]),
      'North',
    );
    expect(chosen.map(({ newName, clashes }) => [newName, clashes])).toEqual([
      ['Berlin (North)', true],
      ['Paris (North 2)', true],
      ['Rom', false],
    ]);
    expect(taken).toEqual([]);
    expect(chooseNames(coming, ['Oslo'], new Map([['1', 'OSLO']]), 'North').taken).toEqual(['OSLO']);
  });

  it('are all different, none is taken, and none is too long', () => {
    const name = fc.constantFrom('a', 'A', 'ä', 'b', 'a (n)', 'x'.repeat(80), 'X'.repeat(80));
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { selector: nameKey }),
        fc.uniqueArray(name, { selector: nameKey }),
        (mine, there) => {
          const { chosen } = chooseNames(
            mine.map((each) => ({ id: each, name: each })),
            there,
            new Map(),
            'n',
          );
          const keys = [...there, ...chosen.map(({ newName }) => newName)].map(nameKey);
          expect(new Set(keys).size).toBe(keys.length);
          expect(chosen.every(({ newName }) => newName.length <= 80)).toBe(true);
        },
      ),
    );
  });
});

it('a role that is carried never gives more than it did', () => {
  for (const role of accountRoles) {
    const carried = carriedRole(role);
    if (carried === null) continue;
    expect(roleTakesScope(carried, { kind: 'virtual-accounts', virtualAccounts: [] })).toBe(true);
    for (const [action, row] of Object.entries(accountPolicy)) {
      expect([action, carried, row[carried] !== 'none' && row[role] === 'none']).toEqual([
        action,
        carried,
        false,
      ]);
    }
  }
  expect(accountRoles.filter((role) => carriedRole(role) === null)).toEqual(['approver']);
});

it('consent is the other side’s, and nobody’s own', () => {
  const move = { proposedBy: 'nora', proposedSide: 'from' } as const;
  const verdict = (personId: string, from: boolean, into: boolean) =>
    mayConsent(move, { personId, administers: { from, into } });
  expect(verdict('sam', false, true)).toBe('yes');
  expect(verdict('nora', true, false)).toBe('own-proposal');
  expect(verdict('nora', true, true)).toBe('yes');
  expect(verdict('nora', false, true)).toBe('own-proposal');
  expect(verdict('nick', true, false)).toBe('not-theirs');
  expect(
    mayConsent(
      { ...move, proposedSide: 'into' },
      { personId: 'x', administers: { from: true, into: false } },
    ),
  ).toBe('yes');
});

it('what was closed stays closed', () => {
  const next = (state: (typeof moveStates)[number]) => moveStates.filter((to) => moveMayBecome(state, to));
  expect(Object.fromEntries(moveStates.map((state) => [state, next(state)]))).toEqual({
    proposed: ['declined', 'withdrawn', 'expired', 'done'],
    declined: [],
    withdrawn: [],
    expired: [],
    done: ['undone'],
    undone: [],
  });
});

describe('what stands in the way of undoing', () => {
  const none = { count: 0, names: [] };
  const two = { count: 7, names: ['One', 'Two'] };
  const undone: UndoFacts = {
    from: { name: 'North', status: 'merged' },
    into: { name: 'South', status: 'active' },
    licensesOutside: none,
    licensesInside: none,
    instancesOutside: none,
    instancesInside: none,
    virtualAccountsOutside: none,
    virtualAccountsInside: none,
    takenNames: none,
    lostParents: none,
    held: 0,
    duplicates: [],
    movesDefault: false,
    leftSince: false,
  };
  it.each<[keyof UndoFacts, unknown, string]>([
    ['from', { name: 'North', status: 'suspended' }, 'account-not-active'],
    ['into', { name: 'South', status: 'merged' }, 'account-not-active'],
    ['licensesOutside', two, 'licenses-moved'],
    ['licensesInside', two, 'licenses-moved'],
    ['instancesOutside', two, 'instances-moved'],
    ['instancesInside', two, 'instances-moved'],
    ['virtualAccountsOutside', two, 'virtual-accounts-moved'],
    ['virtualAccountsInside', two, 'virtual-accounts-moved'],
    ['takenNames', two, 'name-taken'],
    ['lostParents', two, 'parent-gone'],
    ['held', 3, 'licenses-held'],
    ['duplicates', ['Router'], 'registered-on-both-sides'],
    ['movesDefault', true, 'default-virtual-account'],
    ['leftSince', true, 'moved-on'],
  ])('%s', (fact, value, code) => {
    expect(judgeUndo(undone)).toEqual([]);
    const [obstacle, ...more] = judgeUndo({ ...undone, [fact]: value });
    expect([obstacle?.code, more]).toEqual([code, []]);
    if (value === two) expect(obstacle?.detail).toMatch(/^One, Two and 5 more /);
  });
});

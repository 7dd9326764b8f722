import fc from 'fast-check';
import { expect, it } from 'vitest';
import { changeGroup, type GroupChange, type GroupProperties, lastsAsLong } from './groups.ts';
import { accountActions } from './policy.ts';
import { grantsThatAllow, reachIncludes, reachOf } from './reach.ts';
import { type AccountRole, accountRoles, type GrantScope, normalizeScope, roleLevels } from './roles.ts';
import {
  type Account,
  acts,
  type Held,
  heldBy,
  type Instant,
  naivelyAllowed,
  placeOf,
  type Wanted,
} from './testing/access-model.ts';

const at = (seconds: number): Instant => Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
const alone = (virtualAccountId: string): GrantScope => ({
  kind: 'virtual-accounts',
  virtualAccounts: [{ virtualAccountId, nested: false }],
});
const night: GroupProperties = {
  name: 'Night shift',
  role: 'viewer',
  scope: alone('sales'),
  until: at(9),
  provisioned: false,
};

it.each<[string, GroupChange, Partial<GroupProperties> & { rights: boolean; entrusted?: boolean }]>([
  ['a new name', { name: 'Late shift' }, { name: 'Late shift', rights: false }],
  ['its own name in another case', { name: 'NIGHT SHIFT' }, { name: 'NIGHT SHIFT', rights: false }],
  ['another role', { role: 'virtual-account-user' }, { role: 'virtual-account-user', rights: true }],
  ['another scope', { scope: { kind: 'account' } }, { scope: { kind: 'account' }, rights: true }],
  ['no end', { until: null }, { until: null, rights: true }],
  ['an identity provider', { provisioned: true }, { provisioned: true, rights: false, entrusted: true }],
])('a group takes %s', (_, change, after) => {
  const { rights, entrusted = false, ...group } = after;
  expect(changeGroup(night, change, ['Day shift'])).toEqual({
    ok: true,
    value: { group: { ...night, ...group }, rights, entrusted },
  });
});

it.each<[string, GroupChange, object]>([
  ['nothing', {}, { code: 'nothing-to-do' }],
  [
    'what it is already',
    { name: 'Night shift', until: at(9), provisioned: false },
    { code: 'nothing-to-do' },
  ],
  ['the name of another group', { name: 'DAY shift' }, { code: 'name-taken', name: 'Day shift' }],
  [
    'a role that its scope does not take',
    { role: 'account-user' },
    { code: 'scope-not-for-role', role: 'account-user', scope: 'virtual-accounts' },
  ],
])('a group does not take %s', (_, change, refusal) => {
  expect(changeGroup(night, change, ['Day shift'])).toEqual({ ok: false, ...refusal });
});

it.each<[Instant | null, Instant | null, boolean]>([
  [null, null, true],
  [null, at(1), true],
  [at(1), null, false],
  [at(1), at(1), true],
  [at(1), at(2), false],
  [at(2), at(1), true],
])('what ends at %s lasts as long as what ends at %s: %s', (own, wanted, lasts) => {
  expect(lastsAsLong(own, wanted)).toBe(lasts);
});

const people = ['ana', 'bo', 'cy', 'di'] as const;
const places = ['europe', 'berlin', 'mitte', 'asia', 'default'] as const;
const person = fc.constantFrom(...people);
const place = fc.constantFrom(...places);
const index = fc.nat({ max: 9 });
const until = fc.option(fc.integer({ min: 1, max: 20 }).map(at), { freq: 2 });
const wanted: fc.Arbitrary<Wanted> = fc.constantFrom(...accountRoles).chain((role) => {
  const levels: fc.Arbitrary<GrantScope>[] = [];
  if (roleLevels[role].includes('account')) levels.push(fc.constant({ kind: 'account' as const }));
  if (roleLevels[role].includes('virtual-account')) {
    levels.push(
      fc
        .array(fc.record({ virtualAccountId: place, nested: fc.boolean() }), { minLength: 1, maxLength: 3 })
        .map((virtualAccounts) => normalizeScope({ kind: 'virtual-accounts', virtualAccounts })),
    );
  }
  return fc.record({ role: fc.constant(role), scope: fc.oneof(...levels), until });
});

type Acts = ReturnType<typeof acts>;
type Step = { actor: string; wait: number; give: boolean; do: (acts: Acts, actor: string) => boolean };
const step: fc.Arbitrary<Step> = fc
  .oneof(
    fc.tuple(person, wanted).map(([who, what]) => ({
      give: true,
      do: (acts: Acts, actor: string) => acts.give(actor, who, what),
    })),
    wanted.map((what) => ({ give: true, do: (acts: Acts, actor: string) => acts.makeGroup(actor, what) })),
    fc.tuple(index, wanted).map(([group, what]) => ({
      give: true,
      do: (acts: Acts, actor: string) => acts.changeGroup(actor, group, what),
    })),
    fc.tuple(index, person).map(([group, who]) => ({
      give: true,
      do: (acts: Acts, actor: string) => acts.addToGroup(actor, group, who),
    })),
    index.map((grant) => ({ give: true, do: (acts: Acts, actor: string) => acts.takeAway(actor, grant) })),
    fc.tuple(index, person).map(([group, who]) => ({
      give: true,
      do: (acts: Acts, actor: string) => acts.removeFromGroup(actor, group, who),
    })),
    index.map((group) => ({ give: true, do: (acts: Acts, actor: string) => acts.deleteGroup(actor, group) })),
    fc.tuple(place, fc.option(place)).map(([moved, parent]) => ({
      give: false,
      do: (acts: Acts, actor: string) => acts.move(actor, moved, parent),
    })),
  )
  .chain((act) =>
    fc.record({ actor: person, wait: fc.constantFrom(0, 0, 0, 1, 3) }).map((more) => ({ ...act, ...more })),
  );

const nestedIn = (...ids: string[]): GrantScope =>
  normalizeScope({
    kind: 'virtual-accounts',
    virtualAccounts: ids.map((virtualAccountId) => ({ virtualAccountId, nested: true })),
  });
const held = (personId: string, role: AccountRole, scope: GrantScope): Held => ({
  grantId: `first of ${personId}`,
  personId,
  role,
  scope,
  until: null,
});
const beginning = (): Account => ({
  parents: new Map([
    ['europe', null],
    ['berlin', 'europe'],
    ['mitte', 'berlin'],
    ['asia', null],
    ['default', null],
  ]),
  defaultId: 'default',
  grants: [
    held('ana', 'account-administrator', { kind: 'account' }),
    held('bo', 'virtual-account-administrator', nestedIn('europe', 'default')),
  ],
  groups: [
    {
      groupId: 'first group',
      role: 'virtual-account-administrator',
      scope: nestedIn('asia', 'berlin'),
      until: at(15),
      people: new Set(['cy']),
    },
  ],
});

/** Instants at which rights are looked at, beside now: between and after all ends. */
const looks = [5, 10, 15, 1000].map((when) => ({ when, at: at(when) }));

/** Everything that is allowed from `now` on, as texts: who, what, where and at which instant. */
function allowedFrom(account: Account, now: number): Set<string> {
  const found = new Set<string>();
  for (const personId of people)
    for (const action of accountActions)
      for (const virtualAccountId of places)
        for (const look of [{ when: now, at: at(now) }, ...looks]) {
          if (look.when < now) continue;
          if (naivelyAllowed(account, { personId, action, virtualAccountId, at: look.at }))
            found.add([personId, action, virtualAccountId, look.when].join());
        }
  return found;
}

it('authority never leaks through grants, groups and moves of virtual accounts', () => {
  const done = { given: 0, moved: 0, byOthers: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
      const account = beginning();
      let now = 0;
      for (const { actor, wait, give, do: act } of steps) {
        now += wait;
        const before = allowedFrom(account, now);
        const parentsBefore = new Map(account.parents);
        const accepted = act(acts(account, people, at(now)), actor);
        const after = allowedFrom(account, now);
        if (!accepted) {
          done.refused++;
          expect([...after].join(' ')).toBe([...before].join(' '));
          continue;
        }
        if (actor !== 'ana') done.byOthers++;
        const gained = [...after].filter((right) => !before.has(right)).map((right) => right.split(','));
        const moved = places.find((id) => parentsBefore.get(id) !== account.parents.get(id));
        const leaked: string[] = [];
        for (const [who, action, where, when] of gained) {
          if (give) {
            done.given++;
            // Whatever anybody gains, the one who did it has there at that time already.
            if (!before.has([actor, action, where, when].join()))
              leaked.push([actor, action, where, when].join());
          } else if (moved !== undefined) {
            done.moved++;
            // Only what was moved changes hands, and only to those who reach where it went.
            if (!placeOf(account, where as string).ancestorIds.includes(moved)) leaked.push(`${where}`);
            const parent = account.parents.get(moved) as string;
            if (parent === 'default' && action === 'manage-virtual-account') continue;
            if (!before.has([who, action, parent, when].join()))
              leaked.push([who, action, parent, when].join());
          }
        }
        expect(leaked).toEqual([]);
        // Somebody stays who may make administrators, for ever.
        expect([...after].some((right) => /manage-account-settings.*,1000$/.test(right))).toBe(true);
      }
      // What the rules say of each right agrees with the long way round, and names a grant for it.
      const disagreed: string[] = [];
      for (const personId of people) {
        const theirs = heldBy(account, personId, at(now));
        for (const action of accountActions)
          for (const virtualAccountId of places) {
            const where = placeOf(account, virtualAccountId);
            const allowed = naivelyAllowed(account, { personId, action, virtualAccountId, at: at(now) });
            const told = [
              reachIncludes(reachOf(theirs, action), where),
              grantsThatAllow(theirs, action, where).length > 0,
            ];
            if (told.some((each) => each !== allowed))
              disagreed.push([personId, action, virtualAccountId, allowed, ...told].join());
          }
      }
      expect(disagreed).toEqual([]);
    }),
    { numRuns: 100 },
  );
  // The law would hold for a model in which nothing ever happens, too.
  expect(done.given).toBeGreaterThan(500);
  expect(done.moved).toBeGreaterThan(5);
  expect(done.byOthers).toBeGreaterThan(50);
  expect(done.refused).toBeGreaterThan(500);
}, 60_000);

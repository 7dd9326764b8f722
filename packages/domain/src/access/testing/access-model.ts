import { type AdministratorGrant, administratorsMayLeave, changeGroup, lastsAsLong } from '../index.ts';
import { type AccountAction, accountPolicy } from '../policy.ts';
import { mayGrant, type RightsPlace, reachIncludes, reachOf } from '../reach.ts';
import type { AccountRole, GrantScope, OwnGrant } from '../roles.ts';

/** An account with people, grants, groups and a tree, changed only as the rules allow; for laws about who may do what. */
export interface Account {
  /** Virtual accounts, each with the one it is nested in. */
  parents: Map<string, string | null>;
  defaultId: string;
  grants: Held[];
  groups: {
    groupId: string;
    role: AccountRole;
    scope: GrantScope;
    until: Instant | null;
    people: Set<string>;
  }[];
}
export type Instant = Temporal.Instant;
export type Held = OwnGrant & { personId: string; until: Instant | null };
export type Wanted = { role: AccountRole; scope: GrantScope; until: Instant | null };

const holds = ({ until }: { until: Instant | null }, now: Instant): boolean =>
  until === null || Temporal.Instant.compare(until, now) > 0;

export function placeOf({ parents, defaultId }: Account, virtualAccountId: string): RightsPlace {
  const ancestorIds: string[] = [];
  for (let id: string | null = virtualAccountId; id !== null; id = parents.get(id) ?? null)
    ancestorIds.push(id);
  return { virtualAccountId, ancestorIds, isDefault: virtualAccountId === defaultId };
}

/** What a person holds at an instant: their own grants and those of their groups. */
export const heldBy = ({ grants, groups }: Account, personId: string, now: Instant): Held[] => [
  ...grants.filter((grant) => grant.personId === personId && holds(grant, now)),
  ...groups
    .filter((group) => group.people.has(personId) && holds(group, now))
    .map((group) => ({ ...group, grantId: group.groupId, personId })),
];

/** The same rule as the server's: nobody gives more, or for longer, than they hold. */
export function mayGive(account: Account, actor: string, wanted: Wanted, now: Instant): boolean {
  const own = heldBy(account, actor, now).filter(({ until }) => lastsAsLong(until, wanted.until));
  return mayGrant(own, wanted, (action, id, nested) =>
    reachIncludes(reachOf(own, action), { ...placeOf(account, id), isDefault: false }, nested),
  );
}

const administrators = (account: Account, people: readonly string[], now: Instant): AdministratorGrant[] =>
  people.flatMap((personId) =>
    heldBy(account, personId, now)
      .filter(({ role }) => role === 'account-administrator')
      .map(({ grantId, until }) => ({ grantId, personId, expires: until !== null, canSignIn: true })),
  );

/** Every change there is; `false` when it was refused, and then nothing changed. */
export const acts = (account: Account, people: readonly string[], now: Instant) => {
  const mayLeave = (leaves: (grant: AdministratorGrant) => boolean): boolean =>
    administratorsMayLeave(leaves, administrators(account, people, now));
  const groupOf = (index: number) => account.groups[index % Math.max(1, account.groups.length)];
  /** Whoever could give what is there may take it away; how long it lasts makes no difference. */
  const mayTake = (actor: string, held: Wanted): boolean =>
    mayGive(account, actor, { ...held, until: now }, now);
  return {
    give(actor: string, personId: string, wanted: Wanted): boolean {
      if (!mayGive(account, actor, wanted, now)) return false;
      account.grants.push({ ...wanted, personId, grantId: `grant ${account.grants.length}` });
      return true;
    },
    takeAway(actor: string, index: number): boolean {
      const grant = account.grants[index % account.grants.length];
      if (grant === undefined || !mayTake(actor, grant)) return false;
      if (!mayLeave(({ grantId }) => grantId === grant.grantId)) return false;
      account.grants = account.grants.filter((each) => each !== grant);
      return true;
    },
    makeGroup(actor: string, wanted: Wanted): boolean {
      if (!mayGive(account, actor, wanted, now)) return false;
      account.groups.push({ ...wanted, groupId: `group ${account.groups.length}`, people: new Set() });
      return true;
    },
    changeGroup(actor: string, index: number, wanted: Wanted): boolean {
      const group = groupOf(index);
      if (group === undefined || !mayTake(actor, group)) return false;
      const decision = changeGroup({ ...group, name: 'Group', provisioned: false }, wanted, []);
      if (!decision.ok || !mayGive(account, actor, decision.value.group, now)) return false;
      const { role, scope, until } = decision.value.group;
      const stays = role === 'account-administrator' && until === null;
      if (!stays && !mayLeave(({ grantId }) => grantId === group.groupId)) return false;
      Object.assign(group, { role, scope, until });
      return true;
    },
    addToGroup(actor: string, index: number, personId: string): boolean {
      const group = groupOf(index);
      if (group === undefined || !mayGive(account, actor, group, now)) return false;
      group.people.add(personId);
      return true;
    },
    removeFromGroup(actor: string, index: number, personId: string): boolean {
      const group = groupOf(index);
      if (group === undefined || !mayTake(actor, group)) return false;
      if (!mayLeave((each) => each.grantId === group.groupId && each.personId === personId)) return false;
      return group.people.delete(personId);
    },
    deleteGroup(actor: string, index: number): boolean {
      const group = groupOf(index);
      if (group === undefined || !mayTake(actor, group)) return false;
      if (!mayLeave(({ grantId }) => grantId === group.groupId)) return false;
      account.groups = account.groups.filter((each) => each !== group);
      return true;
    },
    move(actor: string, virtualAccountId: string, parentId: string | null): boolean {
      const may = (action: AccountAction, id: string, nested: boolean): boolean =>
        reachIncludes(reachOf(heldBy(account, actor, now), action), placeOf(account, id), nested);
      const nested = [...account.parents.values()].includes(virtualAccountId);
      if (!may('manage-virtual-account', virtualAccountId, nested)) return false;
      if (parentId === null) {
        const top = reachOf(heldBy(account, actor, now), 'create-top-level-virtual-account');
        if (top.kind !== 'everything') return false;
      } else {
        if (placeOf(account, parentId).ancestorIds.includes(virtualAccountId)) return false;
        if (!may('create-nested-virtual-account', parentId, false)) return false;
      }
      account.parents.set(virtualAccountId, parentId);
      return true;
    },
  };
};

/** Whether somebody may do something, found out the long way round: step by step up the tree, for each grant and group. */
export function naivelyAllowed(
  { parents, defaultId, grants, groups }: Account,
  who: { personId: string; action: AccountAction; virtualAccountId: string; at: Instant },
): boolean {
  const { personId, action, virtualAccountId, at } = who;
  const all: { role: AccountRole; scope: GrantScope; until: Instant | null; has: boolean }[] = [
    ...grants.map((grant) => ({ ...grant, has: grant.personId === personId })),
    ...groups.map((group) => ({ ...group, has: group.people.has(personId) })),
  ];
  for (const { role, scope, until, has } of all) {
    if (!has || (until !== null && until.epochMilliseconds <= at.epochMilliseconds)) continue;
    const reach = accountPolicy[action][role];
    if (reach === 'none') continue;
    if (scope.kind === 'account' || action === 'view-account') return true;
    if (reach === 'assigned-not-default' && virtualAccountId === defaultId) continue;
    let here: string | null = virtualAccountId;
    while (here !== null) {
      const named = scope.virtualAccounts.find((each) => each.virtualAccountId === here);
      if (named !== undefined && (here === virtualAccountId || named.nested)) return true;
      here = parents.get(here) ?? null;
    }
  }
  return false;
}

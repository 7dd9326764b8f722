import { isCutToLots } from './partners.ts';
import {
  type AccountAction,
  accountPolicy,
  type PlatformAction,
  platformPolicy,
  reachOfRole,
} from './policy.ts';
import type { Grant, GrantScope, PlatformRole } from './roles.ts';

/**
 * The part of an account in which somebody may do something: everything, or virtual accounts by id
 * (`nested`: with everything below; `exceptDefault`: never the account's default virtual account).
 */
export type ActionReach =
  | { kind: 'everything' }
  | {
      kind: 'virtual-accounts';
      roots: { virtualAccountId: string; nested: boolean; exceptDefault: boolean }[];
    }
  | { kind: 'nothing' };

/** The union of what all grants of a person allow for one action; one limited to a seller's lots allows to see alone. */
export function reachOf(
  grants: readonly Pick<Grant, 'role' | 'scope' | 'soldBy'>[],
  action: AccountAction,
): ActionReach {
  const roots: { virtualAccountId: string; nested: boolean; exceptDefault: boolean }[] = [];
  for (const grant of grants) {
    const reach = reachOfRole(action, grant.role);
    if (reach === 'none' || (grant.soldBy != null && !isCutToLots(action))) continue;
    if (grant.scope.kind === 'account') return { kind: 'everything' };
    // Belonging to an account is enough to see that it exists, wherever inside it the grant points.
    if (action === 'view-account') return { kind: 'everything' };
    for (const { virtualAccountId, nested } of grant.scope.virtualAccounts) {
      roots.push({ virtualAccountId, nested, exceptDefault: reach === 'assigned-not-default' });
    }
  }
  return roots.length > 0 ? { kind: 'virtual-accounts', roots } : { kind: 'nothing' };
}

/** A virtual account as rights see it. */
export interface RightsPlace {
  readonly virtualAccountId: string;
  /** Itself and all above it. */
  readonly ancestorIds: readonly string[];
  /** Whether it is the account's default virtual account. */
  readonly isDefault: boolean;
}

/** Whether a reach includes a virtual account and, if asked, everything nested in it. */
export function reachIncludes(reach: ActionReach, place: RightsPlace, withNested = false): boolean {
  if (reach.kind !== 'virtual-accounts') return reach.kind === 'everything';
  return reach.roots.some(
    (root) =>
      !(root.exceptDefault && place.isDefault) &&
      (root.nested
        ? place.ancestorIds.includes(root.virtualAccountId)
        : !withNested && root.virtualAccountId === place.virtualAccountId),
  );
}

/** Those of somebody's grants that each by itself allow an action at a virtual account; null is the whole account. */
export function grantsThatAllow<G extends Pick<Grant, 'role' | 'scope' | 'soldBy'>>(
  grants: readonly G[],
  action: AccountAction,
  place: RightsPlace | null,
): G[] {
  return grants.filter((grant) => {
    const reach = reachOf([grant], action);
    return place === null ? reach.kind === 'everything' : reachIncludes(reach, place);
  });
}

/** Whether any of the platform roles allows the action. */
export function platformAllows(roles: readonly PlatformRole[], action: PlatformAction): boolean {
  const allowed: readonly PlatformRole[] = platformPolicy[action];
  return roles.some((role) => allowed.includes(role));
}

/** All actions somebody may do somewhere in the account: what a console needs to enable its buttons. */
export function actionsOf(grants: readonly Grant[]): AccountAction[] {
  return (Object.keys(accountPolicy) as AccountAction[]).filter(
    (action) => reachOf(grants, action).kind !== 'nothing',
  );
}

/** The facts of a grant that somebody else wants to give: nobody grants more than they hold (seed 003). */
export function mayGrant(
  own: readonly Grant[],
  wanted: { role: Grant['role']; scope: GrantScope },
  /** Whether a virtual account lies in the reach of an action of the granting person. */
  covers: (action: AccountAction, virtualAccountId: string, nested: boolean) => boolean,
): boolean {
  const actions = (Object.keys(accountPolicy) as AccountAction[]).filter(
    (action) => reachOfRole(action, wanted.role) !== 'none',
  );
  // An account administrator gives every role, also the approver's, whose rights it has but for agreements.
  const administrator = own.some(
    (g) => g.role === 'account-administrator' && g.scope.kind === 'account' && g.soldBy == null,
  );
  if (administrator) return true;
  if (wanted.scope.kind === 'account') return false;
  return wanted.scope.virtualAccounts.every(({ virtualAccountId, nested }) =>
    actions.every((action) => action === 'view-account' || covers(action, virtualAccountId, nested)),
  );
}

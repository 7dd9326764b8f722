import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import { type AccountRole, type GrantScope, normalizeScope, roleTakesScope, sameScope } from './roles.ts';

/** What a group gives to everybody in it, and what it is called. */
export interface GroupProperties {
  readonly name: string;
  readonly role: AccountRole;
  readonly scope: GrantScope;
  /** When the role ends for everybody in it; null: never. */
  readonly until: Temporal.Instant | null;
  /** Whether the account's identity provider says who is in it. */
  readonly provisioned: boolean;
}

export type GroupChange = { readonly [Name in keyof GroupProperties]?: GroupProperties[Name] | undefined };

export type GroupRefusal =
  | Refusal<'nothing-to-do'>
  | Refusal<'scope-not-for-role', { readonly role: AccountRole; readonly scope: GrantScope['kind'] }>
  | Refusal<'name-taken', { readonly name: string }>;

/** A group's name as it is compared: neither case nor how accents are encoded makes another name of it. */
export const groupNameKey = (name: string): string => name.normalize('NFC').toLowerCase();

/**
 * Decides what a group is after a change. `rights` tells whether people in it get other rights by it: then the change is
 * a grant, and whoever makes it must be able to give what the group is afterwards. `entrusted` tells whether an identity
 * provider says from now on who is in it: that lets it give what the group gives, so it is a grant as well.
 *
 * @param others names of the other groups of the account
 */
export function changeGroup(
  before: GroupProperties,
  change: GroupChange,
  others: readonly string[],
): Decision<{ group: GroupProperties; rights: boolean; entrusted: boolean }, GroupRefusal> {
  const group: GroupProperties = {
    name: change.name ?? before.name,
    role: change.role ?? before.role,
    scope: normalizeScope(change.scope ?? before.scope),
    until: change.until === undefined ? before.until : change.until,
    provisioned: change.provisioned ?? before.provisioned,
  };
  if (!roleTakesScope(group.role, group.scope)) {
    return refuse('scope-not-for-role', { role: group.role, scope: group.scope.kind });
  }
  const rights =
    group.role !== before.role ||
    String(group.until) !== String(before.until) ||
    !sameScope(group.scope, before.scope);
  if (!rights && group.name === before.name && group.provisioned === before.provisioned)
    return refuse('nothing-to-do', {});
  const taken = others.find((name) => groupNameKey(name) === groupNameKey(group.name));
  if (taken !== undefined) return refuse('name-taken', { name: taken });
  return accept({ group, rights, entrusted: group.provisioned && !before.provisioned });
}

/** Whether something that ends at `own` (null: never) lasts at least as long as `wanted`. */
export const lastsAsLong = (own: Temporal.Instant | null, wanted: Temporal.Instant | null): boolean =>
  own === null || (wanted !== null && Temporal.Instant.compare(own, wanted) >= 0);

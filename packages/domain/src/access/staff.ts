import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import { type PlatformAction, platformPolicy } from './policy.ts';
import type { PlatformRole } from './roles.ts';

/** A platform role that somebody holds; `until` is null where it has no end. */
export interface PlatformGrant {
  role: PlatformRole;
  until: Temporal.Instant | null;
}

const lastsAsLong = (own: Temporal.Instant | null, wanted: Temporal.Instant | null): boolean =>
  own === null || (wanted !== null && Temporal.Instant.compare(own, wanted) >= 0);

/**
 * Whether somebody could give a platform role: each of its actions they have themselves, for as long as it is to last
 * (specification, "People and roles": nobody grants more than they hold).
 */
export function mayGivePlatformRole(
  own: readonly PlatformGrant[],
  wanted: PlatformGrant,
  policy: Record<PlatformAction, readonly PlatformRole[]> = platformPolicy,
): boolean {
  return Object.values(policy)
    .filter((roles) => roles.includes(wanted.role))
    .every((roles) =>
      own.some(({ role, until }) => roles.includes(role) && lastsAsLong(until, wanted.until)),
    );
}

/** An operator as the rule of the last one sees them. */
export interface OperatorFact {
  personId: string;
  expires: boolean;
  canSignIn: boolean;
}

/** Whether an installation keeps an operator who stays and can sign in, once `leaving` is none any more. */
export function operatorMayLeave(leaving: string, operators: readonly OperatorFact[]): boolean {
  const stay = operators.filter(({ expires, canSignIn }) => !expires && canSignIn);
  return (
    !stay.some(({ personId }) => personId === leaving) || stay.some(({ personId }) => personId !== leaving)
  );
}

export type StaffRefusal =
  | Refusal<'own-role'>
  | Refusal<'grant-exceeds-own', { readonly role: PlatformRole }>
  | Refusal<'last-operator'>;

/** Somebody's platform roles, as they are and as they are to be; none is the end of their being staff. */
export interface StaffChange {
  actorId: string;
  personId: string;
  own: readonly PlatformGrant[];
  before: readonly PlatformGrant[];
  after: readonly PlatformGrant[];
  operators: readonly OperatorFact[];
}

/**
 * Judges a change of somebody's platform roles: never one's own; of what is given or taken nothing that one could not give;
 * and the last operator stays. How long a role that is taken would have lasted makes no difference.
 */
export function judgeStaffChange(change: StaffChange, now: Temporal.Instant): Decision<null, StaffRefusal> {
  const { actorId, personId, own, before, after, operators } = change;
  if (actorId === personId) return refuse('own-role', {});
  const same = (one: PlatformGrant, other: PlatformGrant) =>
    one.role === other.role && String(one.until) === String(other.until);
  const given = after.filter((grant) => !before.some((each) => same(each, grant)));
  const taken = before
    .filter((grant) => !after.some((each) => same(each, grant)))
    .map(({ role }) => ({ role, until: now }));
  const beyond = [...given, ...taken].find((grant) => !mayGivePlatformRole(own, grant));
  if (beyond !== undefined) return refuse('grant-exceeds-own', { role: beyond.role });
  const stays = after.some(({ role, until }) => role === 'operator' && until === null);
  if (!stays && !operatorMayLeave(personId, operators)) return refuse('last-operator', {});
  return accept(null);
}

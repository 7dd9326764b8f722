import { type Grant, platformAllows } from '@estover/domain/access';
import { supportName, supportRoleOf } from '@estover/domain/support';
import type { Trx } from '../database/database.ts';
import type { Actor, SupportStanding } from '../edge/context.ts';
import { openSupportOf } from './support-accesses-store.ts';

/** A person of staff who could have a support access open. API keys never have: nobody could say who looked. */
type Supporter = Extract<Actor, { kind: 'person' }>;

export const mayBeSupport = (actor: Actor): actor is Supporter =>
  actor.kind === 'person' &&
  actor.session !== undefined &&
  platformAllows(actor.platformRoles, 'open-support-access');

/** What an open support access gives: the role of its mode, in the whole account. */
export const supportGrant = ({ accessId, mode }: Pick<SupportStanding, 'accessId' | 'mode'>): Grant => ({
  grantId: accessId,
  role: supportRoleOf[mode],
  scope: { kind: 'account' },
});

/**
 * Who somebody of staff is in an account that they have open: their name says for which case, in all that is written, and they
 * hold what the access gives and nothing else. Null for everybody else. Read in the transaction of each request, so that
 * an access that was ended a moment ago opens nothing any more, on no server.
 */
export async function enterAsSupport(
  trx: Trx,
  actor: Actor,
  accountId: string,
  now: Temporal.Instant,
): Promise<{ actor: Actor; grants: Grant[] } | null> {
  if (!mayBeSupport(actor)) return null;
  const [support] = await openSupportOf(trx, { personId: actor.id, now, accountId });
  if (support === undefined) return null;
  const name = supportName(actor.name, support.caseNumber);
  return { actor: { ...actor, name, support }, grants: [supportGrant(support)] };
}

/** The accounts that somebody of staff has open now. */
export const supportStandingsOf = async (trx: Trx, actor: Actor, now: Temporal.Instant) =>
  mayBeSupport(actor) ? openSupportOf(trx, { personId: actor.id, now }) : [];

import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../edge/context.ts';
import { requireRoomForPeople } from './account-room.ts';
import { admitPerson, type Told } from './admit-person.ts';
import type { Wanted } from './granting.ts';
import { grantsAnywhereOf, insertGrant, type StoredGrant } from './grants-store.ts';
import { mayInvite } from './inviting.ts';
import type { PersonRow } from './people-store.ts';

/** A role that somebody got. */
export interface Given {
  person: PersonRow;
  grant: StoredGrant;
  /** False for a grant of their own that they had exactly like this before. */
  isNew: boolean;
  told: Told;
}

/**
 * Gives a role to the person with a mail address and tells them. The caller has checked that it may be given. Who gets a link
 * for choosing a password is as `admitPerson` says.
 */
export async function giveRole(
  context: Context,
  account: { accountId: string; name: string },
  { email, name, role, scope, until }: Wanted & { email: string; name: string },
  invites = mayInvite(context, account.accountId),
): Promise<Given> {
  const { trx, now, newId, actor } = context;
  const { accountId } = account;
  const given = { name, email };
  const { person, mayBeReminded, tell } = await admitPerson(context, account, given, invites);
  const held = await grantsAnywhereOf(trx, person.personId, now);
  const same = held.find(
    (each) =>
      each.accountId === accountId &&
      // What a group gives goes with the group, so it does not stand in for a grant of their own.
      each.groupId === null &&
      each.role === role &&
      String(each.until) === String(until) &&
      isDeepStrictEqual(each.scope, scope),
  );
  const grant: StoredGrant = same ?? {
    accountId,
    grantId: newId(),
    personId: person.personId,
    role,
    scope,
    until,
    grantedBy: actor.name,
    grantedAt: now,
  };
  const isNew = same === undefined;
  if (isNew) {
    await insertGrant(trx, grant);
    await requireRoomForPeople(context, accountId);
  }
  // Somebody who has the role already hears of it again only with a new link.
  const told = isNew || mayBeReminded ? await tell(grant) : { invitationLink: null, mailed: false };
  return { person, grant, isNew, told };
}

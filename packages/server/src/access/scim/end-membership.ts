import type { Context } from '../../edge/context.ts';
import { type EndedKey, endKeysOf, requireAdministratorStays } from '../losing-rights.ts';
import { endRights } from './provisioned-groups-store.ts';

/** What a person lost in an account. */
export interface EndedRights {
  roles: string[];
  groups: string[];
  apiKeysRevoked: EndedKey[];
}

/**
 * Ends all rights of a person in this account, at once for their sessions as well, because each request reads them anew.
 * What they are and hold elsewhere stays.
 *
 * @throws Refused `last-administrator`
 */
export async function endMembership(
  context: Context,
  accountId: string,
  person: { personId: string; userName: string },
): Promise<EndedRights> {
  const { personId, userName } = person;
  await requireAdministratorStays(
    context,
    accountId,
    (each) => each.personId === personId,
    `${userName} is the last administrator of the account without an end who can sign in.`,
  );
  const ended = await endRights(context.trx, accountId, personId);
  return { ...ended, apiKeysRevoked: await endKeysOf(context, accountId, [personId]) };
}

import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { admitPerson, type Told } from './admit-person.ts';
import { mayGiveAll } from './granting.ts';
import { grantsAnywhereOf } from './grants-store.ts';
import { invitedIn, type StoredGroup } from './groups-store.ts';
import type { PersonRow } from './people-store.ts';
import { isStaff } from './staff/staff-store.ts';

/** An account as mails name it. */
export const namedAccount = (trx: Trx, accountId: string): Promise<{ accountId: string; name: string }> =>
  trx
    .selectFrom('accounts')
    .select(['account_id as accountId', 'name'])
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();

/** A link makes its holder that person, so it goes only to somebody who could give all the person has, groups included. */
export const mayInvite =
  (context: Context, accountId: string) =>
  async ({ personId }: PersonRow): Promise<boolean> => {
    if (await isStaff(context.trx, personId, context.now)) return false;
    const held = await grantsAnywhereOf(context.trx, personId, context.now);
    return held.every((grant) => grant.accountId === accountId) && mayGiveAll(context, accountId, held);
  };

/**
/**
 * Whoever has the link of an invitation becomes that person, with what the group gives now. So those in it who have not
 * come yet, or those of them who are named, get a new link.
 */
export async function inviteAgain(
  context: Context,
  group: StoredGroup,
  only?: readonly string[],
): Promise<({ personId: string; email: string } & Told)[]> {
  const { trx, now } = context;
  const account = await namedAccount(trx, group.accountId);
  const invited = await invitedIn(trx, group, now);
  const again = [];
  for (const { personId, name, email } of invited) {
    if (only !== undefined && !only.includes(personId)) continue;
    const { tell } = await admitPerson(
      context,
      account,
      { name, email },
      mayInvite(context, group.accountId),
    );
    again.push({ personId, email, ...(await tell(group)) });
  }
  return again;
}

/**
 * `mayInvite` where two operators restore an administrator: they may let in whoever is nothing but one of this account's
 * people, such as an administrator whose invitation has expired.
 */
export const mayRestore =
  (context: Context, accountId: string) =>
  async ({ personId }: PersonRow): Promise<boolean> => {
    if (await isStaff(context.trx, personId, context.now)) return false;
    const held = await grantsAnywhereOf(context.trx, personId, context.now);
    return held.every((grant) => grant.accountId === accountId);
  };

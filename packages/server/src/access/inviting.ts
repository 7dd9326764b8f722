import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { mayGiveAll } from './granting.ts';
import { grantsAnywhereOf } from './grants-store.ts';
import { type PersonRow, platformRolesOf } from './people-store.ts';

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
    if ((await platformRolesOf(context.trx, personId)).length > 0) return false;
    const held = await grantsAnywhereOf(context.trx, personId, context.now);
    return held.every((grant) => grant.accountId === accountId) && mayGiveAll(context, accountId, held);
  };

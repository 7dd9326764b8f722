import { type AccountStatus, standingOf } from '@estover/domain/accounts';
import { accountMerged } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Command } from './operation.ts';
import { notFound, Refused } from './refused.ts';

/**
 * Refuses to change anything in an account that is not active: it is read, and nothing else (`standingOf`). Until the
 * transaction ends the account is not closed, so that nothing comes into one that was found empty.
 *
 * @throws Refused `account-not-active`, or `account-merged` for one that was merged into another
 */
export async function requireChangeable(
  trx: Trx,
  accountId: string,
  { aloneInAccount = false }: Pick<Command, 'aloneInAccount'> = {},
): Promise<void> {
  const found = trx
    .selectFrom('accounts')
    .select(['status', 'status_reason as reason', 'merged_into as mergedInto'])
    .$narrowType<{ status: AccountStatus }>()
    .where('account_id', '=', accountId);
  const account = await (aloneInAccount ? found.forUpdate() : found.forKeyShare()).executeTakeFirst();
  if (account === undefined) throw notFound('account');
  const { status, reason, mergedInto } = account;
  if (mergedInto !== null) throw accountMerged(mergedInto);
  if (standingOf[status].changes) return;
  const why = reason === null ? '' : ` (${reason})`;
  throw new Refused(
    'account-not-active',
    `The account is ${status}${why}: it can be read, and nothing in it changed.`,
    { accountStatus: status },
  );
}

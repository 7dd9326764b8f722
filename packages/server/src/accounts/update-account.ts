import { updateAccount } from '@estover/protocol';
import { lockAccount } from '../access/scope.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { accountAnswer } from './account-view.ts';
import { findAccount, saveAccount } from './accounts-store.ts';

export const updateAccountHandler = command(updateAccount, async ({ trx }, { params, body }) => {
  const { accountId } = params;
  const before = (await lockAccount(trx, accountId)) ? await findAccount(trx, accountId) : undefined;
  if (before === undefined) throw notFound('account');
  const after = {
    ...before,
    name: body.name ?? before.name,
    sequencePolicy: body.sequencePolicy ?? before.sequencePolicy,
  };
  const changed = (['name', 'sequencePolicy'] as const).filter((field) => after[field] !== before[field]);
  if (changed.length === 0) throw new Refused('nothing-to-do', 'The account is like this already.');
  await saveAccount(trx, after);
  return {
    answer: { account: accountAnswer(after) },
    event: {
      accountId,
      objectKind: 'account',
      objectId: accountId,
      message: `changed ${changed.map((field) => `${field} from ${before[field]} to ${after[field]}`).join(' and ')}`,
      before: accountAnswer(before),
      after: accountAnswer(after),
    },
  };
});

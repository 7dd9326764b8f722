import type { SupportRule } from '@estover/domain/support';
import { updateSupportRule } from '@estover/protocol';
import { requireRecentProof } from '../access/index.ts';
import { lockAccount, requireAccountReach } from '../access/scope.ts';
import { command } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { listSupportRows, readSupportRule, saveSupportRule } from './support-accesses-store.ts';
import { asOf, become } from './support-answer.ts';
import { tellSupporter } from './tell-supporter.ts';

const inWords: Record<SupportRule, string> = {
  forbidden: 'may not open the account',
  ask: 'has to ask before it opens the account',
  notice: 'may look at the account with notice',
};

/** What an account can have of accesses that are not over is what its staff asks for: a few. */
const most = 1_000;

export const updateSupportRuleHandler = command(updateSupportRule, async (context, { params, body }) => {
  const { trx, now } = context;
  const { accountId } = params;
  requireAccountReach(context, 'manage-account-settings');
  requireRecentProof(context);
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const before = await readSupportRule(trx, accountId);
  const { rule } = body;
  await saveSupportRule(trx, accountId, rule);
  let ended = 0;
  if (rule === 'forbidden') {
    const living = { accountId, states: ['asked', 'open'] } as const;
    for (const access of await listSupportRows(trx, living, { limit: most, after: null })) {
      const { state } = asOf(access, now);
      if (state !== 'asked' && state !== 'open') continue;
      const change = state === 'open' ? { state: 'ended', endedHow: 'setting' } : { state: 'declined' };
      const after = await become(context, access, change as { state: 'ended' | 'declined' });
      if (state === 'asked') await tellSupporter(context, after, 'declined');
      ended += 1;
    }
  }
  const along =
    ended === 0 ? '' : `; ${ended === 1 ? '1 support access' : `${ended} support accesses`} ended with it`;
  return {
    answer: { rule, ended },
    event: {
      accountId,
      objectKind: 'support-rule',
      objectId: accountId,
      message: `set that support of the publisher ${inWords[rule]}${along}`,
      before: { rule: before },
      after: { rule, ended },
    },
  };
});

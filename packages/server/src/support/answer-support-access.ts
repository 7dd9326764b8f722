import { approveSupportAccess, declineSupportAccess, endAccountSupportAccess } from '@estover/protocol';
import { requirePerson, requireRecentProof } from '../access/index.ts';
import { lockAccount, requireAccountReach } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import { command, type Handler } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { findSupportAccess, type SupportAccessRow } from './support-accesses-store.ts';
import { become, supportAnswer, supportEvent } from './support-answer.ts';
import { tellSupporter } from './tell-supporter.ts';

/** An access of the account, for a decision of the customer. */
async function requireAccess(
  context: Context,
  { accountId, accessId }: { accountId: string; accessId: string },
): Promise<SupportAccessRow> {
  requireAccountReach(context, 'manage-account-settings');
  if (!(await lockAccount(context.trx, accountId))) throw notFound('account');
  const found = await findSupportAccess(context.trx, { accountId, accessId });
  if (found === undefined) throw notFound('support access');
  return found;
}

/** What the customer's administrators do. */
export const customerAnswers: readonly Handler[] = [
  command(approveSupportAccess, async (context, { params }) => {
    const { now } = context;
    const { id, name } = requirePerson(context);
    const before = await requireAccess(context, params);
    if (before.personId === id)
      throw new Refused('own-request', 'You asked for this support access yourself.');
    requireRecentProof(context);
    const after = await become(context, before, {
      state: 'open',
      begunAt: now,
      endsAt: now.add({ minutes: before.minutes }),
      decidedByPerson: id,
      deciderName: name,
    });
    await tellSupporter(context, after, 'approved');
    return {
      answer: { access: supportAnswer(after, now) },
      event: supportEvent(
        before,
        after,
        `let ${after.staffName}, support of the publisher, ${after.mode === 'read' ? 'look at' : 'act in'} the account for ${after.minutes} minutes, for case ${after.caseNumber}`,
      ),
    };
  }),

  command(declineSupportAccess, async (context, { params }) => {
    const { now, actor } = context;
    const before = await requireAccess(context, params);
    const decider = actor.kind === 'person' ? { decidedByPerson: actor.id, deciderName: actor.name } : {};
    const after = await become(context, before, { state: 'declined', ...decider });
    await tellSupporter(context, after, 'declined');
    return {
      answer: { access: supportAnswer(after, now) },
      event: supportEvent(
        before,
        after,
        `declined the support access of ${after.staffName} for case ${after.caseNumber}`,
      ),
    };
  }),

  command(endAccountSupportAccess, async (context, { params }) => {
    const before = await requireAccess(context, params);
    const after = await become(context, before, { state: 'ended', endedHow: 'customer' });
    return {
      answer: { access: supportAnswer(after, context.now) },
      event: supportEvent(
        before,
        after,
        `ended the support access of ${after.staffName} for case ${after.caseNumber}`,
      ),
    };
  }),
];

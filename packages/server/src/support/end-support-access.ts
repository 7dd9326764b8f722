import { platformAllows } from '@estover/domain/access';
import { endSupportAccess } from '@estover/protocol';
import { lockAccount } from '../access/scope.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { findSupportAccess } from './support-accesses-store.ts';
import { become, supportAnswer, supportEvent } from './support-answer.ts';

/** Staff ends an access, or takes the question back: their own, and an operator that of others. */
export const endSupportAccessHandler = command(endSupportAccess, async (context, { params }) => {
  const { trx, now, actor } = context;
  const found = await findSupportAccess(trx, params);
  if (found === undefined) throw notFound('support access');
  const roles = 'platformRoles' in actor ? actor.platformRoles : [];
  if (found.personId !== actor.id && !platformAllows(roles, 'manage-staff')) {
    throw new Refused('not-allowed', 'Only an operator ends the support access of somebody else.', {
      action: 'manage-staff',
    });
  }
  await lockAccount(trx, found.accountId);
  const before = (await findSupportAccess(trx, params)) ?? found;
  const isAsked = before.state === 'asked';
  const after = await become(
    context,
    before,
    isAsked ? { state: 'withdrawn' } : { state: 'ended', endedHow: 'staff' },
  );
  const whose =
    found.personId === actor.id ? 'their support access' : `the support access of ${after.staffName}`;
  return {
    answer: { access: supportAnswer(after, now) },
    event: supportEvent(
      before,
      after,
      `${isAsked ? 'took back the question for' : 'ended'} ${whose} for case ${after.caseNumber}`,
    ),
  };
});

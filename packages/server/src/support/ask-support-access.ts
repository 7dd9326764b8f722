import { judgeSupport, supportAnswerHours } from '@estover/domain/support';
import { askSupportAccess } from '@estover/protocol';
import { grantsAnywhereOf, readStaffSettings, requirePerson, requireRecentProof } from '../access/index.ts';
import { lockAccount } from '../access/scope.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { findSupportAccess, insertSupportAccess, readSupportRule } from './support-accesses-store.ts';
import { supportAnswer, supportEvent } from './support-answer.ts';
import { tellAdministrators } from './support-mails.ts';

export const askSupportAccessHandler = command(askSupportAccess, async (context, { body }) => {
  const { trx, now, newId } = context;
  const person = requirePerson(context);
  requireRecentProof(context);
  const { accountId, mode, minutes, reason, caseNumber } = body;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  // What they did would be told apart by nobody.
  if ((await grantsAnywhereOf(trx, person.id, now)).some((grant) => grant.accountId === accountId)) {
    throw new Refused('own-account', 'You have a role in this account, so you open nothing as support.');
  }
  const rule = await readSupportRule(trx, accountId);
  const { supportMostMinutes: mostMinutes } = await readStaffSettings(trx);
  const judged = judgeSupport({ mode, minutes }, { rule, mostMinutes });
  if (!judged.ok) {
    throw judged.code === 'support-forbidden'
      ? new Refused('support-forbidden', 'The account says that support may not open it.')
      : new Refused('support-too-long', `A support access lasts at most ${judged.most} minutes.`, {
          most: judged.most,
        });
  }
  const state = judged.value;
  const isOpen = state === 'open';
  const accessId = newId();
  const inserted = await insertSupportAccess(trx, {
    accountId,
    accessId,
    personId: person.id,
    mode,
    reason,
    caseNumber,
    minutes,
    state,
    askedAt: now,
    begunAt: isOpen ? now : null,
    endsAt: isOpen ? now.add({ minutes }) : now.add({ hours: supportAnswerHours }),
    endedAt: null,
    endedHow: null,
    decidedByPerson: null,
  });
  if (!inserted) {
    throw new Refused('support-access-exists', 'You have asked for this account, and it is not over yet.');
  }
  const access = await findSupportAccess(trx, { accountId, accessId });
  if (access === undefined) throw new Error('the access was just made');
  await tellAdministrators(context, access);
  const what = `${mode === 'read' ? 'look at' : 'act in'} the account for ${minutes} minutes, for case ${caseNumber}: ${reason}`;
  return {
    answer: { access: supportAnswer(access, now) },
    event: supportEvent(
      null,
      access,
      isOpen
        ? `began as support of the publisher to ${what}`
        : `asked as support of the publisher to ${what}`,
    ),
  };
});

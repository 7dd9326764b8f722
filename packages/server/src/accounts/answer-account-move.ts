import { moveMayBecome } from '@estover/domain/accounts';
import { declineAccountMove, withdrawAccountMove } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { becomeMove, saveMove } from './account-moves-store.ts';
import { mailMove } from './move-mails.ts';
import { moveAnswer, requireMove } from './move-sides.ts';

export const answerMoveHandlers = [
  command(declineAccountMove, (context, { params, body }) =>
    close(context, params.moveId, 'declined', body.reason),
  ),
  command(withdrawAccountMove, (context, { params, body }) =>
    close(context, params.moveId, 'withdrawn', body.reason),
  ),
];

/** Ends a proposal: whoever was asked declines it, and whoever asked takes it back. */
async function close(context: Context, moveId: string, state: 'declined' | 'withdrawn', reason: string) {
  const { trx, now } = context;
  const sight = await requireMove(context, moveId, 'change');
  const { move, from, into, caller, administers } = sight;
  const asks = move.proposedSide === 'from' ? administers.from : administers.into;
  const isAsked = move.proposedSide === 'from' ? administers.into : administers.from;
  if (state === 'declined' ? !isAsked : !asks) {
    const who =
      state === 'declined' ? 'The side that is asked declines it.' : 'The side that asked takes it back.';
    throw new Refused('not-allowed', who);
  }
  if (!moveMayBecome(move.state, state)) {
    throw new Refused('account-move-state', `The ${move.kind} is ${move.state}.`, { state: move.state });
  }
  const after = becomeMove(move, state, now, { answeredByName: caller.name, answer: reason });
  await saveMove(trx, after);
  await mailMove(context, { move: after, from, into, by: caller.name });
  const verb = state === 'declined' ? 'declined' : 'took back';
  return {
    answer: { move: moveAnswer({ ...sight, move: after }, now) },
    event: {
      accountId: from.accountId,
      alsoAccountId: into.accountId,
      objectKind: 'account-move',
      objectId: moveId,
      message: `${verb} the ${move.kind} of ${from.domainIdentifier} and ${into.domainIdentifier}`,
      before: { state: move.state },
      after: { state, reason },
    },
  };
}

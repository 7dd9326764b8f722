import { undoMoveDays } from '@estover/domain/accounts';
import { undoAccountMove } from '@estover/protocol';
import { sql } from 'kysely';
import {
  dropVirtualAccountsFromGrants,
  giveRolesAgain,
  requireRecentProof,
  takeCarriedRoles,
} from '../access/index.ts';
import type { Trx } from '../database/database.ts';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { becomeMove, findMoveDone, type MoveDone, type MoveRow, saveMove } from './account-moves-store.ts';
import { type AccountRow, findAccount, setAccountStatus } from './accounts-store.ts';
import { carryOver } from './carry-over.ts';
import { dropCarriedTags } from './carry-tags.ts';
import { lockBoth } from './carry-tree.ts';
import { mailMove } from './move-mails.ts';
import { moveAnswer, requireMove } from './move-sides.ts';
import { refuseBlocked } from './propose-merge.ts';
import { surveyUndo } from './undo-survey.ts';

/** Either side alone may do it: both get back what they had when they agreed (decision 0015). */
export const undoAccountMoveHandler = command(undoAccountMove, async (context, { params, body }) => {
  const { trx, now, dryRun } = context;
  const sight = await requireMove(context, params.moveId, 'change');
  if (!dryRun) requireRecentProof(context);
  const { move, caller } = sight;
  requireUndoable(move, now);
  const fromAccountId = move.fromAccountId;
  const intoAccountId = move.intoAccountId as string;
  await lockBoth(trx, [fromAccountId, intoAccountId]);
  const from = (await findAccount(trx, fromAccountId)) as AccountRow;
  const into = (await findAccount(trx, intoAccountId)) as AccountRow;
  const done = await findMoveDone(trx, move.moveId);
  const { coming, obstacles } = await surveyUndo(trx, move, done, { from, into, now });
  if (obstacles.length > 0 && !dryRun) refuseBlocked(obstacles);
  const after = becomeMove(move, 'undone', now, { answeredByName: caller.name, answer: body.reason });
  const counts = { virtualAccounts: coming.length, licenses: 0, productInstances: 0 };
  if (obstacles.length === 0) {
    const reason = `The ${move.kind} of ${from.name} and ${into.name} was undone.`;
    const back = await carryOver(
      context,
      { fromAccountId: intoAccountId, intoAccountId: fromAccountId },
      coming,
      { moveId: move.moveId, reason, back: done.lots },
    );
    counts.licenses = back.licenses;
    counts.productInstances = back.productInstances;
    await takeRolesBack(trx, { into, done, ids: coming.map((each) => each.virtualAccountId), now });
    await dropCarriedTags(trx, intoAccountId, done.tags);
    await restoreStatus(trx, move, into, now);
    await saveMove(trx, after);
    await mailMove(context, { move: after, from, into, by: caller.name });
  }
  return {
    answer: {
      move: moveAnswer({ ...sight, move: obstacles.length === 0 ? after : move, from, into }, now),
      ...counts,
      inTheWay: obstacles,
    },
    event: {
      accountId: fromAccountId,
      alsoAccountId: intoAccountId,
      objectKind: 'account-move',
      objectId: move.moveId,
      message: `undid the ${move.kind} of ${from.name} (${from.domainIdentifier}) and ${into.name} (${into.domainIdentifier})`,
      before: { state: move.state },
      after: { state: after.state, reason: body.reason, ...counts },
    },
  };
});

function requireUndoable(move: MoveRow, now: Temporal.Instant): void {
  if (move.state !== 'done') {
    throw new Refused('account-move-state', `The ${move.kind} is ${move.state}.`, { state: move.state });
  }
  if (move.endsAt !== null && Temporal.Instant.compare(now, move.endsAt) > 0) {
    throw new Refused(
      'account-move-undo-over',
      `The ${move.kind} was done more than ${undoMoveDays} days ago, at ${move.stateSince}.`,
    );
  }
}

/** Roles in what went back are those of the account it went back to. */
async function takeRolesBack(
  trx: Trx,
  of: { into: AccountRow; done: MoveDone; ids: string[]; now: Temporal.Instant },
): Promise<void> {
  const { into, done, ids, now } = of;
  await takeCarriedRoles(trx, into.accountId, done.roles);
  await dropVirtualAccountsFromGrants(trx, into.accountId, ids, now);
  if (done.kept !== null && done.dropped !== null) await giveRolesAgain(trx, done.kept, done.dropped);
}

/** A merged account is active again. One that was made by a split is closed, unless it has come to things of its own. */
async function restoreStatus(
  trx: Trx,
  move: MoveRow,
  into: AccountRow,
  now: Temporal.Instant,
): Promise<void> {
  if (move.kind === 'merge') {
    await setAccountStatus(trx, move.fromAccountId, { status: 'active', mergedInto: null }, now);
    return;
  }
  const { rows } = await sql`
    select from holdings where account_id = ${into.accountId} and quantity > 0
    union all
    select from product_instances
     where account_id = ${into.accountId} and state in ('registered', 'authorization-expired')
    union all
    select from order_lines where account_id = ${into.accountId} and state in ('booked', 'on-hold', 'shipped')
    limit 1`.execute(trx);
  if (rows.length === 0)
    await setAccountStatus(trx, into.accountId, { status: 'closed', mergedInto: null }, now);
}

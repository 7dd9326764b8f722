import { readIdentifier } from '@estover/domain/accounts';
import { type AnswerOf, type BodyOf, proposeMerge } from '@estover/protocol';
import { requireRecentProof } from '../access/index.ts';
import { requireAccountReach } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { becomeMove, insertMove, isMoveOpen, type MoveRow } from './account-moves-store.ts';
import { type AccountRow, findAccount, findAccountByDomain } from './accounts-store.ts';
import { mailMove } from './move-mails.ts';
import { inSight, type MoveInSight, moveAnswer, seesOf } from './move-sides.ts';
import { type Survey, surveyMove } from './move-survey.ts';

export const proposeMergeHandler = command(proposeMerge, async (context, { params, body }) => {
  requireAccountReach(context, 'manage-account-settings');
  const own = await findAccount(context.trx, params.accountId);
  if (own === undefined) throw notFound('account');
  const other = await findOther(context.trx, body.otherAccount);
  if (other.accountId === own.accountId) {
    throw new Refused('same-account', `${own.name} cannot be merged into itself.`);
  }
  const goes = body.goes === 'this';
  return propose(context, {
    kind: 'merge',
    fromAccountId: goes ? own.accountId : other.accountId,
    intoAccountId: goes ? other.accountId : own.accountId,
    proposedSide: goes ? 'from' : 'into',
    firstAdministratorEmail: null,
    reason: body.reason,
    plan: planOf(body),
  });
});

const planOf = ({ accountRoles, parentId, names }: BodyOf<typeof proposeMerge>): MoveRow['plan'] => ({
  accountRoles,
  parentId,
  names,
  virtualAccountIds: null,
  newAccount: null,
});

async function findOther(trx: Trx, named: string): Promise<AccountRow> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(named);
  const other = isId
    ? await findAccount(trx, named.toLowerCase())
    : await findAccountByDomain(trx, readIdentifier(named) ?? named);
  if (other !== undefined) return other;
  throw new Refused('unknown-account', `There is no account ${named}.`, {
    errors: [{ pointer: 'body/otherAccount', detail: 'names no account' }],
  });
}

type Wanted = Pick<
  MoveRow,
  'kind' | 'fromAccountId' | 'intoAccountId' | 'proposedSide' | 'firstAdministratorEmail' | 'reason' | 'plan'
>;

/**
 * Proposes a merge or split: surveys it as far as the proposer may see, refuses what they can see to be in the way, and
 * asks the other side.
 *
 * @param newcomerLink made where the proposal is kept, for somebody who has no password yet
 */
export async function propose(
  context: Context,
  wanted: Wanted,
  newcomerLink: (sight: MoveInSight) => Promise<string | null> = async () => null,
) {
  const { trx, now, newId, dryRun, actor } = context;
  if (!dryRun) requireRecentProof(context);
  const proposed: MoveRow = {
    ...wanted,
    moveId: newId(),
    state: 'proposed',
    proposedBy: actor.id ?? '',
    proposedByName: actor.name,
    proposedAt: now,
    stateSince: now,
    endsAt: null,
    answeredByName: null,
    answer: null,
  };
  const move = becomeMove(proposed, 'proposed', now);
  const sight = await inSight(context, move);
  const { from, into } = sight;
  const survey = await surveyMove(context, visiblePlan(sight), from, into);
  const sees = seesOf(sight);
  const preview = survey.preview(sees);
  let link: string | null = null;
  if (!dryRun) {
    refuseBlocked(preview.inTheWay);
    if (await isMoveOpen(trx, move, now)) {
      throw new Refused('account-move-open', `The same is proposed already and waits for consent.`);
    }
    await insertMove(trx, move);
    link = await newcomerLink(sight);
    await mailMove(context, { move, from, into, by: actor.name, newcomerLink: link });
  }
  const answer: AnswerOf<typeof proposeMerge> = { move: moveAnswer(sight, now), preview };
  const deed =
    move.kind === 'merge'
      ? `merge ${from.domainIdentifier} into ${into.domainIdentifier}`
      : `split virtual accounts off into the new account ${into.domainIdentifier}`;
  return {
    link,
    answer,
    event: {
      accountId: from.accountId,
      alsoAccountId: into.accountId,
      objectKind: 'account-move',
      objectId: move.moveId,
      message: `proposed to ${deed}`,
      after: { moveId: move.moveId, kind: move.kind, state: move.state, reason: move.reason },
    },
  };
}

/** Where things come is for those to choose who see the account they come to. */
function visiblePlan({ move, administers }: MoveInSight): MoveRow {
  if (administers.into || move.plan.parentId === null) return move;
  throw new Refused('unknown-virtual-account', 'Where they come is chosen by the side they come to.', {
    virtualAccountId: move.plan.parentId,
  });
}

/** @throws Refused `account-move-blocked` with everything that stands in the way */
export function refuseBlocked(
  inTheWay: Survey['blocks'] | AnswerOf<typeof proposeMerge>['preview']['inTheWay'],
): void {
  if (inTheWay.length === 0) return;
  throw new Refused('account-move-blocked', inTheWay.map(({ detail }) => detail).join(' '), { inTheWay });
}

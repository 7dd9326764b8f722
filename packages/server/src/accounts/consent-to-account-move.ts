import { mayConsent } from '@estover/domain/accounts';
import { consentToAccountMove } from '@estover/protocol';
import {
  carryRoles,
  dropVirtualAccountsFromGrants,
  missingRoles,
  requireRecentProof,
  rolesAt,
} from '../access/index.ts';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { becomeMove, type MoveDone, type MoveRow, saveMove } from './account-moves-store.ts';
import { type AccountRow, findAccount, setAccountStatus } from './accounts-store.ts';
import { carryOver } from './carry-over.ts';
import { lockBoth } from './carry-tree.ts';
import { giveFirstRoles, makeAccount } from './make-account.ts';
import { mailMove } from './move-mails.ts';
import { type MoveInSight, moveAnswer, requireMove } from './move-sides.ts';
import { type Survey, surveyMove } from './move-survey.ts';
import { refuseBlocked } from './propose-merge.ts';

const bothSides = { from: true, into: true };

/** Everything happens in this one transaction, so that it happens whole or not at all. */
export const consentToAccountMoveHandler = command(
  consentToAccountMove,
  async (context, { params, body }) => {
    const { trx, now, dryRun } = context;
    const sight = await requireMove(context, params.moveId, 'change');
    if (!dryRun) requireRecentProof(context);
    requireConsent(sight);
    const { caller } = sight;
    const plan = {
      ...sight.move.plan,
      ...(body.parentId === undefined || sight.move.kind === 'split' ? {} : { parentId: body.parentId }),
      names: [...sight.move.plan.names, ...body.names],
    };
    const move: MoveRow = { ...sight.move, plan };
    const { from, into } = await holdSides(context, sight);
    const survey = await surveyMove(context, move, from, into);
    const preview = survey.preview(bothSides);
    const done = becomeMove(move, 'done', now, {
      answeredByName: caller.name,
      intoAccountId: into.accountId,
    });
    if (survey.blocks.length > 0) {
      if (!dryRun) refuseBlocked(preview.inTheWay);
      return { answer: { move: moveAnswer(sight, now), preview }, event: eventOf(done, from, into, {}) };
    }

    const result = await carryOut(context, { move, from, into, survey });
    await saveMove(trx, done, result.done);
    await mailMove(context, { move: done, from, into, by: caller.name });
    return {
      answer: { move: moveAnswer({ ...sight, move: done, from, into }, now), preview },
      event: eventOf(done, from, into, result.counts),
    };
  },
);

/** @throws Refused `account-move-state`, `own-proposal`, `not-allowed` */
function requireConsent({ move, caller, administers }: MoveInSight): void {
  if (move.state !== 'proposed') {
    throw new Refused('account-move-state', `The ${move.kind} is ${move.state}.`, { state: move.state });
  }
  const verdict = mayConsent(move, { personId: caller.id, administers });
  if (verdict === 'yes') return;
  if (verdict === 'own-proposal') {
    throw new Refused('own-proposal', `${caller.name} proposed this, and administers one side only.`);
  }
  throw new Refused('not-allowed', 'The other side consents, and not the one that proposed it.');
}

/** Holds both accounts and reads them as they are then; makes the one of a split. */
async function holdSides(
  context: Context,
  { move, from, into, caller }: MoveInSight,
): Promise<{ from: AccountRow; into: AccountRow }> {
  const { trx } = context;
  const { newAccount } = move.plan;
  if (newAccount === null) {
    await lockBoth(trx, [move.fromAccountId, move.intoAccountId as string]);
    return {
      from: (await findAccount(trx, move.fromAccountId)) ?? from,
      into: (await findAccount(trx, move.intoAccountId as string)) as AccountRow,
    };
  }
  await lockBoth(trx, [move.fromAccountId]);
  const current = (await findAccount(trx, move.fromAccountId)) ?? from;
  const made = await makeAccount(context, {
    kind: current.kind,
    name: newAccount.name,
    domainIdentifier: newAccount.domainIdentifier,
    // What its devices may do stays what it was.
    exportCategory: current.exportCategory,
  });
  if (made === undefined) {
    throw new Refused(
      'domain-identifier-taken',
      `Another account has the identifier ${into.domainIdentifier} by now.`,
      {
        domainIdentifier: into.domainIdentifier,
      },
    );
  }
  const { accountId } = made.account;
  await giveFirstRoles(context, { accountId, personId: caller.id, grantedBy: move.proposedByName });
  return { from: current, into: made.account };
}

async function carryOut(
  context: Context,
  { move, from, into, survey }: { move: MoveRow; from: AccountRow; into: AccountRow; survey: Survey },
): Promise<{ done: MoveDone; counts: Record<string, number> }> {
  const { trx, now } = context;
  const sides = { fromAccountId: from.accountId, intoAccountId: into.accountId };
  const roles = { ...survey.roles, intoAccountId: into.accountId };
  const { virtualAccountIds } = roles;
  const deed =
    move.kind === 'merge'
      ? `${from.name} was merged into ${into.name}.`
      : `${into.name} was split off ${from.name}.`;
  const carriedRoles = await carryRoles(context, roles, from.name);
  const kept = move.kind === 'split' ? await rolesAt(trx, from.accountId, virtualAccountIds) : null;
  const carried = await carryOver(context, sides, survey.coming, {
    moveId: move.moveId,
    reason: deed,
    back: [],
  });
  // Roles of an account that was merged lead nowhere, and are there again if it is undone.
  if (kept !== null) await dropVirtualAccountsFromGrants(trx, from.accountId, virtualAccountIds, now);
  if (move.kind === 'merge') {
    await setAccountStatus(trx, from.accountId, { status: 'merged', mergedInto: into.accountId }, now);
  }
  return {
    done: {
      at: now.toString(),
      virtualAccounts: survey.leaving.map(({ virtualAccountId, parentId, name, isTop }) => ({
        virtualAccountId,
        parentId,
        name,
        newName: survey.names.get(virtualAccountId)?.newName ?? name,
        isTop,
      })),
      lots: carried.lots,
      roles: carriedRoles,
      tags: carried.tags,
      kept,
      dropped: kept === null ? null : await missingRoles(trx, from.accountId, kept),
    },
    counts: {
      virtualAccounts: virtualAccountIds.length,
      licenses: carried.licenses,
      productInstances: carried.productInstances,
      openOrderLines: carried.openOrderLines,
      openAlerts: carried.openAlerts,
    },
  };
}

function eventOf(move: MoveRow, from: AccountRow, into: AccountRow, counts: Record<string, number>) {
  const deed =
    move.kind === 'merge'
      ? `merged ${from.name} (${from.domainIdentifier}) into ${into.name} (${into.domainIdentifier})`
      : `split the new account ${into.name} (${into.domainIdentifier}) off ${from.name} (${from.domainIdentifier})`;
  return {
    accountId: from.accountId,
    alsoAccountId: into.accountId,
    objectKind: 'account-move',
    objectId: move.moveId,
    message: `${deed}, as ${move.proposedByName} had proposed`,
    before: { state: 'proposed' },
    after: { state: move.state, fromAccountId: from.accountId, intoAccountId: into.accountId, ...counts },
  };
}

import { type Grant, reachOf } from '@estover/domain/access';
import { mayConsent, mayLearnOfAccount, moveMayBecome } from '@estover/domain/accounts';
import type { accountMove } from '@estover/protocol';
import type { z } from 'zod';
import { loadGrants, requirePerson } from '../access/index.ts';
import type { Context } from '../edge/context.ts';
import { notFound } from '../edge/refused.ts';
import { findMove, type MoveRow } from './account-moves-store.ts';
import { type AccountRow, findAccount } from './accounts-store.ts';
import type { IntoAccount, Sees } from './move-survey.ts';

/** A merge or split with both its accounts, and which of them the caller administers. */
export interface MoveInSight {
  move: MoveRow;
  from: AccountRow;
  into: IntoAccount;
  /** Who asks; API keys have no mail address, and propose without ever consenting. */
  caller: { id: string; name: string; email: string | null };
  administers: Sees;
}

/** Whether a person administers an account now; roles there are read, not those in the path of the request. */
export async function administers(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  accountId: string,
  personId: string,
): Promise<boolean> {
  const grants: readonly Grant[] = await loadGrants(trx, accountId, personId, now);
  return reachOf(grants, 'manage-account-settings').kind === 'everything';
}

/** Puts both accounts to a merge or split, and the rights of whoever asks. */
export async function inSight(context: Context, move: MoveRow): Promise<MoveInSight> {
  const { trx, actor } = context;
  if (actor.kind !== 'person' && actor.kind !== 'api-key') {
    throw new Error(`a merge or split is shown to ${actor.kind}`);
  }
  const email = actor.kind === 'person' ? actor.email : null;
  // A key has its rights in the account of the path alone, where they were checked.
  const doesAdminister = async (accountId: string): Promise<boolean> =>
    actor.kind === 'person' ? administers(context, accountId, actor.id) : actor.accountId === accountId;
  const from = await findAccount(trx, move.fromAccountId);
  if (from === undefined) throw new Error(`account ${move.fromAccountId} of a merge or split is there`);
  const made = move.intoAccountId === null ? undefined : await findAccount(trx, move.intoAccountId);
  const { newAccount } = move.plan;
  const into: IntoAccount | undefined =
    made ??
    (newAccount === null ? undefined : { ...newAccount, accountId: null, kind: from.kind, status: 'active' });
  if (into === undefined) throw new Error(`account ${move.intoAccountId} of a merge is there`);
  const isNamed = move.firstAdministratorEmail !== null && email === move.firstAdministratorEmail;
  return {
    move,
    from,
    into,
    caller: { id: actor.id, name: actor.name, email },
    administers: {
      from: await doesAdminister(from.accountId),
      into: into.accountId === null ? isNamed : await doesAdminister(into.accountId),
    },
  };
}

/**
 * Looks a merge or split up for whoever may know of it: administrators of either side, and the first administrator of an
 * account that is to be made. For all others it is not there.
 */
export async function requireMove(
  context: Context,
  moveId: string,
  to: 'read' | 'change',
): Promise<MoveInSight> {
  // Before anything is looked up: API keys are nobody's consent.
  requirePerson(context);
  const move = await findMove(context.trx, moveId, context.now, to);
  if (move === undefined) throw notFound('merge or split');
  const sight = await inSight(context, move);
  if (!sight.administers.from && !sight.administers.into) throw notFound('merge or split');
  return sight;
}

/** The inside of which side somebody sees: who is asked sees both, who asked sees their own. */
export function seesOf({ move, administers: own }: MoveInSight): Sees {
  const isAsked = move.proposedSide === 'from' ? own.into : own.from;
  return isAsked ? { from: true, into: true } : own;
}

/** A merge or split as somebody sees it, with what they may do. */
export function moveAnswer(sight: MoveInSight, now: Temporal.Instant): z.output<typeof accountMove> {
  const { move, from, into, caller, administers: own } = sight;
  const sees = seesOf(sight);
  const isOver = move.state === 'done' || move.state === 'undone';
  // Who proposes to an account they do not know learns no more of it than anybody; what a split makes they have named.
  const sideOf = (side: IntoAccount, seen: boolean) => ({
    accountId: seen || isOver ? side.accountId : null,
    name:
      seen ||
      isOver ||
      move.kind === 'split' ||
      (caller.email !== null && mayLearnOfAccount(side.domainIdentifier, caller.email))
        ? side.name
        : side.domainIdentifier,
    domainIdentifier: side.domainIdentifier,
  });
  const proposes = move.proposedSide === 'from' ? own.from : own.into;
  const isAsked = move.proposedSide === 'from' ? own.into : own.from;
  const isOpen = moveMayBecome(move.state, 'done');
  const mayUndo =
    moveMayBecome(move.state, 'undone') &&
    move.endsAt !== null &&
    Temporal.Instant.compare(now, move.endsAt) <= 0;
  const consents = mayConsent(move, { personId: caller.id, administers: own });
  return {
    moveId: move.moveId,
    kind: move.kind,
    state: move.state,
    stateSince: move.stateSince.toString(),
    endsAt: move.endsAt?.toString() ?? null,
    from: sideOf(from, sees.from),
    into: sideOf(into, sees.into),
    proposedBy: move.proposedByName,
    proposedAt: move.proposedAt.toString(),
    proposedSide: move.proposedSide,
    reason: move.reason,
    answeredBy: move.answeredByName,
    answer: move.answer,
    accountRoles: move.plan.accountRoles,
    firstAdministratorEmail: move.firstAdministratorEmail,
    may: {
      consent: isOpen && caller.email !== null && consents === 'yes',
      decline: isOpen && isAsked,
      withdraw: isOpen && proposes,
      undo: mayUndo,
    },
  };
}

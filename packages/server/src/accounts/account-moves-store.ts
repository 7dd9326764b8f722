import { type MoveKind, type MoveState, moveDays } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { CarriedRoles, KeptRoles } from '../access/index.ts';
import type { Database, Trx } from '../database/database.ts';
import type { CarriedLot } from '../licenses/index.ts';
import type { CarriedTags } from './carry-tags.ts';

/** What is wanted of a merge or split. */
export interface MovePlan {
  accountRoles: 'drop' | 'keep';
  /** Where a merge comes to; null for the top. */
  parentId: string | null;
  /** Names that were chosen for virtual accounts at the top of what moves. */
  names: { virtualAccountId: string; name: string }[];
  /** What a split takes, with everything nested; of a merge it is all. */
  virtualAccountIds: string[] | null;
  newAccount: {
    name: string;
    domainIdentifier: string;
    administrator: { name: string; email: string };
  } | null;
}

/** A virtual account that went: where it was and what it was called, and what it was called then. */
export interface WentPlace {
  virtualAccountId: string;
  parentId: string | null;
  name: string;
  newName: string;
  isTop: boolean;
}

/** What a merge or split did, as far as undoing it needs that. */
export interface MoveDone {
  at: string;
  virtualAccounts: WentPlace[];
  lots: CarriedLot[];
  roles: CarriedRoles;
  tags: CarriedTags;
  /** Of a split: what reached the virtual accounts before, and which of that reached nothing else. */
  kept: KeptRoles | null;
  dropped: { grants: string[]; groups: string[] } | null;
}

export interface MoveRow {
  moveId: string;
  kind: MoveKind;
  state: MoveState;
  fromAccountId: string;
  intoAccountId: string | null;
  proposedSide: 'from' | 'into';
  proposedBy: string;
  proposedByName: string;
  proposedAt: Temporal.Instant;
  stateSince: Temporal.Instant;
  endsAt: Temporal.Instant | null;
  reason: string;
  answeredByName: string | null;
  answer: string | null;
  firstAdministratorEmail: string | null;
  plan: MovePlan;
}

/** How long one that came to nothing is kept. */
const keptDays = 90;

/** A move's columns, for queries that list them; `m` is the move. The checks of the table narrow the texts. */
export const moveColumns = sql`m.move_id as "moveId", m.kind, m.state, m.from_account_id as "fromAccountId",
  m.into_account_id as "intoAccountId", m.proposed_side as "proposedSide", m.proposed_by as "proposedBy",
  m.proposed_by_name as "proposedByName", m.proposed_at as "proposedAt", m.state_since as "stateSince",
  m.ends_at as "endsAt", m.reason, m.answered_by_name as "answeredByName", m.answer,
  m.first_administrator_email as "firstAdministratorEmail", m.plan`;

/** A merge or split that becomes a state now, with the end of that state. */
export function becomeMove(
  move: MoveRow,
  state: MoveState,
  now: Temporal.Instant,
  more: Partial<Pick<MoveRow, 'answeredByName' | 'answer' | 'intoAccountId'>> = {},
): MoveRow {
  const days = moveDays[state];
  return {
    ...move,
    ...more,
    state,
    stateSince: now,
    endsAt: days === null ? null : now.add({ hours: 24 * days }),
  };
}

/** As it is at an instant: a proposal whose end has passed is expired, also before the job has said so. */
export const moveAsOf = (move: MoveRow, now: Temporal.Instant): MoveRow =>
  move.state === 'proposed' && move.endsAt !== null && Temporal.Instant.compare(move.endsAt, now) <= 0
    ? { ...move, state: 'expired', stateSince: move.endsAt, endsAt: null }
    : move;

/** Reads one; `change` takes its row for the rest of the transaction, before any account. */
export async function findMove(
  trx: Trx,
  moveId: string,
  now: Temporal.Instant,
  to: 'read' | 'change' = 'read',
): Promise<MoveRow | undefined> {
  const { rows } = await sql<MoveRow>`
    select ${moveColumns} from account_moves m where m.move_id = ${moveId}
    ${to === 'change' ? sql`for update` : sql``}`.execute(trx);
  return rows[0] === undefined ? undefined : moveAsOf(rows[0], now);
}

/** What it did; only of one that was carried out. */
export async function findMoveDone(trx: Trx, moveId: string): Promise<MoveDone> {
  const { rows } = await sql<{ done: MoveDone }>`
    select done from account_moves where move_id = ${moveId} and done is not null`.execute(trx);
  if (rows[0] === undefined) throw new Error(`merge or split ${moveId} was not carried out`);
  return rows[0].done;
}

/** Whether the same is proposed already. */
export async function isMoveOpen(trx: Trx, move: MoveRow, now: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql`
    select from account_moves m
     where m.from_account_id = ${move.fromAccountId} and m.kind = ${move.kind} and m.state = 'proposed'
       and m.ends_at > ${now}
       and m.into_account_id is not distinct from ${move.intoAccountId}::uuid
       and m.plan #>> '{newAccount,domainIdentifier}' is not distinct from ${move.plan.newAccount?.domainIdentifier ?? null}::text
     limit 1`.execute(trx);
  return rows.length > 0;
}

export async function insertMove(trx: Trx, move: MoveRow): Promise<void> {
  await trx
    .insertInto('account_moves')
    .values({
      move_id: move.moveId,
      kind: move.kind,
      from_account_id: move.fromAccountId,
      proposed_side: move.proposedSide,
      proposed_by: move.proposedBy,
      proposed_by_name: move.proposedByName,
      proposed_at: move.proposedAt,
      reason: move.reason,
      first_administrator_email: move.firstAdministratorEmail,
      plan: JSON.stringify(move.plan),
      done: null,
      ...stateOf(move),
    })
    .execute();
}

/** Saves its state, and what it did where it was carried out now. */
export async function saveMove(trx: Trx, move: MoveRow, done?: MoveDone): Promise<void> {
  await trx
    .updateTable('account_moves')
    .set({ ...stateOf(move), ...(done === undefined ? {} : { done: JSON.stringify(done) }) })
    .where('move_id', '=', move.moveId)
    .execute();
}

const stateOf = (move: MoveRow) => ({
  state: move.state,
  state_since: move.stateSince,
  ends_at: move.endsAt,
  into_account_id: move.intoAccountId,
  answered_by_name: move.answeredByName,
  answer: move.answer,
});

/** Takes proposals whose end has passed; those that another server has taken are passed over. */
export async function lockEndedMoves(trx: Trx, now: Temporal.Instant, most: number): Promise<MoveRow[]> {
  const { rows } = await sql<MoveRow>`
    select ${moveColumns} from account_moves m where m.state = 'proposed' and m.ends_at <= ${now}
     order by m.ends_at, m.move_id limit ${most} for update skip locked`.execute(trx);
  return rows;
}

/** Removes what came to nothing more than 90 days ago. Returns how many. */
export async function purgeAccountMoves(db: Database, now: Temporal.Instant): Promise<number> {
  const removed = await db
    .deleteFrom('account_moves')
    .where('state', 'in', ['declined', 'withdrawn', 'expired'])
    .where('state_since', '<', now.subtract({ hours: keptDays * 24 }))
    .executeTakeFirst();
  return Number(removed.numDeletedRows);
}

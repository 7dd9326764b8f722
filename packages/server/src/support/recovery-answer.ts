import { type RecoveryState, recoveryMayBecome } from '@estover/domain/support';
import type { recovery } from '@estover/protocol';
import type { z } from 'zod';
import type { EventFacts } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import type { RecoveryRow } from './recoveries-store.ts';

/** A recovery as it is now: a question whose time is over has expired, be it that nobody has written that down yet. */
const asOf = (row: RecoveryRow, now: Temporal.Instant): RecoveryRow =>
  row.state === 'asked' && row.endsAt !== null && Temporal.Instant.compare(row.endsAt, now) <= 0
    ? { ...row, state: 'expired', endsAt: null, endedAt: row.endsAt }
    : row;

export const recoveryAnswer = (stored: RecoveryRow, now: Temporal.Instant): z.output<typeof recovery> => {
  const row = asOf(stored, now);
  return {
    recoveryId: row.recoveryId,
    kind: row.kind,
    accountId: row.accountId,
    accountName: row.accountName,
    email: row.email,
    reason: row.reason,
    state: row.state,
    askedBy: { personId: row.askedByPerson, name: row.askedByName },
    askedAt: row.askedAt.toString(),
    decidedBy:
      row.decidedByPerson === null
        ? null
        : { personId: row.decidedByPerson, name: row.deciderName ?? 'Somebody' },
    endsAt: row.endsAt?.toString() ?? null,
    endedAt: row.endedAt?.toString() ?? null,
  };
};

/**
 * A recovery in its next state; over, unless an end of the waiting is given.
 *
 * @throws Refused `recovery-state`
 */
export function recoveryAs(
  before: RecoveryRow,
  change: { state: RecoveryState } & Partial<RecoveryRow>,
  now: Temporal.Instant,
): RecoveryRow {
  const current = asOf(before, now);
  if (change.state !== 'expired' && !recoveryMayBecome(current.state, change.state)) {
    throw new Refused('recovery-state', `The recovery is ${current.state}.`, { state: current.state });
  }
  const isOver = change.state !== 'waiting';
  return { ...current, ...(isOver ? { endsAt: null, endedAt: now } : {}), ...change };
}

/** One that is about an account is an event of that account, for its people to see. */
export const recoveryEvent = (
  before: RecoveryRow | null,
  after: RecoveryRow,
  message: string,
): EventFacts => ({
  accountId: after.accountId,
  objectKind: 'recovery',
  objectId: after.recoveryId,
  message,
  before: before === null ? null : { state: before.state },
  after: {
    kind: after.kind,
    state: after.state,
    email: after.email,
    reason: after.reason,
    askedBy: after.askedByName,
    approvedBy: after.deciderName,
  },
});

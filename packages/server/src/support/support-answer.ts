import { type SupportState, supportMayBecome } from '@estover/domain/support';
import type { supportAccess } from '@estover/protocol';
import type { z } from 'zod';
import { platformAccountId } from '../audit/record-event.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { type SupportAccessRow, saveSupportState } from './support-accesses-store.ts';

type SupportAnswer = z.output<typeof supportAccess>;

/** An access as it is now: one whose time is over has ended, be it that nobody has written that down yet. */
export function asOf(row: SupportAccessRow, now: Temporal.Instant): SupportAccessRow {
  if (row.endsAt === null || Temporal.Instant.compare(row.endsAt, now) > 0) return row;
  const over = { ...row, endsAt: null, endedAt: row.endsAt };
  return row.state === 'asked'
    ? { ...over, state: 'expired' }
    : { ...over, state: 'ended', endedHow: 'time' };
}

export const supportAnswer = (stored: SupportAccessRow, now: Temporal.Instant): SupportAnswer => {
  const row = asOf(stored, now);
  return {
    accessId: row.accessId,
    accountId: row.accountId,
    accountName: row.accountName,
    staff: { personId: row.personId, name: row.staffName },
    mode: row.mode,
    reason: row.reason,
    caseNumber: row.caseNumber,
    minutes: row.minutes,
    state: row.state,
    askedAt: row.askedAt.toString(),
    begunAt: row.begunAt?.toString() ?? null,
    endsAt: row.endsAt?.toString() ?? null,
    endedAt: row.endedAt?.toString() ?? null,
    endedHow: row.endedHow,
    decidedBy:
      row.decidedByPerson === null
        ? null
        : { personId: row.decidedByPerson, name: row.deciderName ?? 'Somebody' },
    reads: row.reads,
  };
};

/**
 * Changes the state of an access whose account is taken.
 *
 * @throws Refused `support-access-state`
 */
export async function become(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  before: SupportAccessRow,
  change: { state: SupportState } & Partial<SupportAccessRow>,
): Promise<SupportAccessRow> {
  const current = asOf(before, now);
  if (!supportMayBecome(current.state, change.state)) {
    throw new Refused('support-access-state', `The support access is ${current.state}.`, {
      state: current.state,
    });
  }
  const isOver = change.state !== 'open';
  const after = { ...current, ...(isOver ? { endsAt: null, endedAt: now } : {}), ...change };
  await saveSupportState(trx, after);
  return after;
}

/** What becomes of an access, for the account's people and, in the events of the platform, for support and operators. */
export const supportEvent = (
  before: SupportAccessRow | null,
  after: SupportAccessRow,
  message: string,
): EventFacts => ({
  accountId: after.accountId,
  alsoAccountId: platformAccountId,
  objectKind: 'support-access',
  objectId: after.accessId,
  message,
  before: before === null ? null : { state: before.state },
  after: {
    state: after.state,
    account: after.accountName,
    staff: after.staffName,
    mode: after.mode,
    caseNumber: after.caseNumber,
    reason: after.reason,
    endsAt: after.endsAt?.toString() ?? null,
  },
});

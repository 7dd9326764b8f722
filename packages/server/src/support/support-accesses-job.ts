import { lockAccount } from '../access/scope.ts';
import { type EventRow, platformAccountId, recordEvents } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { type Context, systemActor } from '../edge/context.ts';
import {
  endedSupport,
  findSupportAccess,
  type SupportAccessRow,
  saveSupportState,
} from './support-accesses-store.ts';
import { asOf, supportEvent } from './support-answer.ts';
import { tellSupporter } from './tell-supporter.ts';

type Dependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

/**
 * Writes down that accesses have ended by their time or with a role, and that questions have expired. Nothing waits for it: an access opens
 * nothing after its time, whether this ran or not. Returns how many; several servers share the work.
 */
export async function settleSupportAccesses(dependencies: Dependencies): Promise<{ settled: number }> {
  const { db, now: clock, newId, installation, mailer } = dependencies;
  const overdue = await inTransaction(db, (trx) => endedSupport(trx, clock()));
  let settled = 0;
  for (const { accountId, accessId, hasRole } of overdue) {
    settled += await inTransaction(db, async (trx) => {
      const now = clock();
      await lockAccount(trx, accountId);
      const before = await findSupportAccess(trx, { accountId, accessId });
      if (before === undefined) return 0;
      const after = asOf(hasRole ? before : withoutRole(before, now), now);
      if (after.state === before.state) return 0;
      await saveSupportState(trx, after);
      if (after.state === 'expired') {
        const context = { trx, now, newId, installation, mailer, afterCommit: () => {} };
        await tellSupporter(context, after, 'expired');
      }
      const event: EventRow = {
        ...supportEvent(
          before,
          after,
          `ended the ${before.state === 'asked' ? 'question' : 'support access'} of ${after.staffName} for case ${after.caseNumber}, ${hasRole ? (before.state === 'asked' ? 'which nobody answered in time' : 'whose time was over') : 'who is not support any more'}`,
        ),
        eventId: newId(),
        at: now,
        actor: systemActor,
        onBehalfOf: { kind: 'person', id: after.personId, name: after.staffName },
        operation: after.state === 'expired' ? 'expireSupportAccess' : 'endSupportAccess',
        from: null,
        requestId: null,
      };
      await recordEvents(trx, [event, { ...event, accountId: platformAccountId }]);
      return 1;
    });
  }
  if (settled > 0) mailer.wake();
  return { settled };
}

/** Whoever is not support any more has nothing open, and asks for nothing. */
const withoutRole = (row: SupportAccessRow, now: Temporal.Instant): SupportAccessRow => ({
  ...row,
  endsAt: null,
  endedAt: now,
  ...(row.state === 'asked' ? { state: 'withdrawn' } : { state: 'ended', endedHow: 'role' }),
});

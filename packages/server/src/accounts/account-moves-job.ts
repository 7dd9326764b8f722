import { type EventRow, recordEvents } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { type Context, systemActor } from '../edge/context.ts';
import type { QueueContext } from '../notifications/index.ts';
import { becomeMove, lockEndedMoves, saveMove } from './account-moves-store.ts';
import { findAccount } from './accounts-store.ts';
import { mailMove } from './move-mails.ts';
import type { IntoAccount } from './move-survey.ts';

type Dependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

const movesAtOnce = 100;

/** Expires merges and splits that nobody consented to in time, and tells both sides. Returns how many; safe to run twice. */
export async function expireAccountMoves(dependencies: Dependencies): Promise<number> {
  const { db, now: clock, newId, installation, mailer } = dependencies;
  let expired = 0;
  for (;;) {
    const done = await inTransaction(db, async (trx) => {
      // The mailer is woken when all are done.
      const context: QueueContext = { trx, now: clock(), newId, installation, mailer, afterCommit: () => {} };
      const events = await expireSome(context);
      await recordEvents(trx, events.flat());
      return events.length;
    });
    expired += done;
    if (done < movesAtOnce) break;
  }
  if (expired > 0) mailer.wake();
  return expired;
}

async function expireSome(context: QueueContext): Promise<EventRow[][]> {
  const { trx, now, newId } = context;
  const events: EventRow[][] = [];
  for (const before of await lockEndedMoves(trx, now, movesAtOnce)) {
    const move = becomeMove(before, 'expired', now);
    await saveMove(trx, move);
    const from = await findAccount(trx, move.fromAccountId);
    const made = move.intoAccountId === null ? undefined : await findAccount(trx, move.intoAccountId);
    const planned = move.plan.newAccount;
    const into: IntoAccount | undefined =
      made ??
      (planned === null ? undefined : { ...planned, accountId: null, kind: 'customer', status: 'active' });
    if (from === undefined || into === undefined) throw new Error('accounts are never deleted');
    await mailMove(context, { move, from, into, by: systemActor.name });
    const event: EventRow = {
      accountId: from.accountId,
      eventId: newId(),
      at: now,
      actor: systemActor,
      onBehalfOf: { kind: 'person', id: move.proposedBy, name: move.proposedByName },
      operation: 'expireAccountMove',
      objectKind: 'account-move',
      objectId: move.moveId,
      message: `ended the proposed ${move.kind} of ${from.domainIdentifier} and ${into.domainIdentifier}, to which nobody consented in time`,
      before: { state: before.state },
      after: { state: move.state },
      from: null,
      requestId: null,
    };
    events.push(into.accountId === null ? [event] : [event, { ...event, accountId: into.accountId }]);
  }
  return events;
}

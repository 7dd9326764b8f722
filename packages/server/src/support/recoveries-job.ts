import { forgetSecondFactors, lockPerson } from '../access/index.ts';
import { recordEvents } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { type Context, systemActor } from '../edge/context.ts';
import { queueMail } from '../notifications/index.ts';
import { dueRecoveries, lockRecovery, saveRecoveryState } from './recoveries-store.ts';
import { recoveryAs, recoveryEvent } from './recovery-answer.ts';

type Dependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

/**
 * Ends the second factors of people who did not stop it for a day, and questions that no second operator answered. Returns how
 * many of both; several servers share the work.
 */
export async function finishRecoveries(dependencies: Dependencies): Promise<{ finished: number }> {
  const { db, now: clock, mailer } = dependencies;
  const due = await inTransaction(db, (trx) => dueRecoveries(trx, clock()));
  let finished = 0;
  for (const recoveryId of due) finished += await finish(dependencies, recoveryId);
  if (finished > 0) mailer.wake();
  return { finished };
}

async function finish(
  { db, now: clock, newId, installation, mailer }: Dependencies,
  recoveryId: string,
): Promise<number> {
  return inTransaction(db, async (trx) => {
    const now = clock();
    const before = await lockRecovery(trx, recoveryId);
    if (before?.endsAt == null || Temporal.Instant.compare(before.endsAt, now) > 0) return 0;
    const isAsked = before.state === 'asked';
    const after = recoveryAs(before, { state: isAsked ? 'expired' : 'done' }, now);
    await saveRecoveryState(trx, after);
    if (!isAsked && before.personId !== null && (await lockPerson(trx, before.personId)) !== undefined) {
      await forgetSecondFactors(trx, before.personId);
      const context = { trx, now, newId, installation, mailer, afterCommit: () => {} };
      const content = {
        kind: 'recovery-done',
        at: now.toString(),
        link: `${installation.publicUrl}/sign-in`,
      } as const;
      await queueMail(context, { to: before.email, accountId: null, content });
    }
    const message = isAsked
      ? 'ended a recovery that no second operator answered in time'
      : `removed the second factors of ${after.email}, as ${after.askedByName} had asked and ${after.deciderName} approved: ${after.reason}`;
    await recordEvents(trx, [
      {
        ...recoveryEvent(before, after, message),
        eventId: newId(),
        at: now,
        actor: systemActor,
        onBehalfOf: { kind: 'person', id: after.askedByPerson, name: after.askedByName },
        operation: isAsked ? 'expireRecovery' : 'finishRecovery',
        from: null,
        requestId: null,
      },
    ]);
    return 1;
  });
}

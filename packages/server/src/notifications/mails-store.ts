import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';

/** How long a mail's row is kept. */
const keptDays = 30;

export interface NewMail {
  mailId: string;
  kind: string;
  recipient: string;
  accountId: string | null;
  subject: string;
  contentSealed: string;
  /** Whether a mail server will get it; otherwise it is kept for an operator to open. */
  toBeSent: boolean;
  now: Temporal.Instant;
}

/** Writes many mails with one statement; at most 5,000, because a statement takes 65,535 parameters. */
export async function insertMails(trx: Trx, mails: readonly NewMail[]): Promise<void> {
  if (mails.length === 0) return;
  await trx
    .insertInto('mails')
    .values(
      mails.map((mail) => ({
        mail_id: mail.mailId,
        kind: mail.kind,
        recipient: mail.recipient,
        account_id: mail.accountId,
        subject: mail.subject,
        content_sealed: mail.contentSealed,
        state: mail.toBeSent ? 'waiting' : 'kept',
        next_attempt_at: mail.toBeSent ? mail.now : null,
        problem: null,
        created_at: mail.now,
        done_at: null,
      })),
    )
    .execute();
}

export interface ClaimedMail {
  mailId: string;
  recipient: string;
  contentSealed: string;
  /** This one counted. */
  attempts: number;
}

/**
 * Takes mails that are due, for so long as sending takes: a server that dies meanwhile leaves them to another one. Those
 * that another server takes at this moment are passed over.
 */
export async function claimDueMails(
  db: Database,
  { now, until, most }: { now: Temporal.Instant; until: Temporal.Instant; most: number },
): Promise<ClaimedMail[]> {
  const { rows } = await sql<ClaimedMail>`
    update mails m set attempts = attempts + 1, next_attempt_at = ${until}
     where mail_id in (select mail_id from mails where state = 'waiting' and next_attempt_at <= ${now}
                        order by next_attempt_at, mail_id limit ${most} for update skip locked)
    returning mail_id as "mailId", recipient, content_sealed as "contentSealed", attempts`.execute(db);
  return rows;
}

/** A mail as this server claimed it: whoever claimed it later has counted an attempt more. */
type Claim = Pick<ClaimedMail, 'mailId' | 'attempts'>;

const stillClaimed = (db: Database, { mailId, attempts }: Claim) =>
  db
    .updateTable('mails')
    .where('mail_id', '=', mailId)
    .where('state', '=', 'waiting')
    .where('attempts', '=', attempts);

/** What a mail said is forgotten with its sending. */
export async function setMailSent(db: Database, claim: Claim, now: Temporal.Instant): Promise<void> {
  await stillClaimed(db, claim)
    .set({ state: 'sent', content_sealed: null, next_attempt_at: null, problem: null, done_at: now })
    .execute();
}

/** Claimed mails that were not tried, or broken off, are due again, and no attempt is counted. */
export async function giveBackMails(
  db: Database,
  claims: readonly Claim[],
  now: Temporal.Instant,
): Promise<void> {
  for (const claim of claims) {
    await stillClaimed(db, claim)
      .set({ attempts: claim.attempts - 1, next_attempt_at: now })
      .execute();
  }
}

/** An attempt that went wrong; without another one to come the mail has failed. */
export async function setMailProblem(
  db: Database,
  claim: Claim,
  given: { problem: string; nextAttemptAt: Temporal.Instant | null; now: Temporal.Instant },
): Promise<void> {
  const { problem, nextAttemptAt, now } = given;
  await stillClaimed(db, claim)
    .set({
      problem,
      next_attempt_at: nextAttemptAt,
      ...(nextAttemptAt === null ? { state: 'failed', done_at: now } : {}),
    })
    .execute();
}

/** Lets a mail that was kept or has failed wait for its sending again, with all its attempts. */
export async function setMailWaiting(trx: Trx, mailId: string, now: Temporal.Instant): Promise<void> {
  await trx
    .updateTable('mails')
    .set({ state: 'waiting', attempts: 0, next_attempt_at: now, problem: null, done_at: null })
    .where('mail_id', '=', mailId)
    .execute();
}

/** Where there is no mail server any more, what waits for one is kept. Returns how many. */
export async function keepWaitingMails(db: Database): Promise<number> {
  const kept = await db
    .updateTable('mails')
    .set({ state: 'kept', next_attempt_at: null })
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  return Number(kept.numUpdatedRows);
}

/** How many mails of an account to one person were written since an instant. */
export async function countMailsSince(
  trx: Trx,
  which: { accountId: string | null; recipient: string; kind: string },
  since: Temporal.Instant,
): Promise<number> {
  const { count } = await trx
    .selectFrom('mails')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('account_id', 'is not distinct from', which.accountId)
    .where('recipient', '=', which.recipient)
    .where('kind', '=', which.kind)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow();
  return count;
}

/** Deletes all mails to an address, sent or not. Returns how many. */
export async function deleteMailsTo(trx: Trx, recipient: string): Promise<number> {
  const deleted = await trx.deleteFrom('mails').where('recipient', '=', recipient).executeTakeFirst();
  return Number(deleted.numDeletedRows);
}

/** Ends all mails that were not sent: they may have been since the backup, and the links in them have ended. */
export async function endMails(trx: Trx, now: Temporal.Instant): Promise<void> {
  await trx
    .updateTable('mails')
    .set({
      state: 'failed',
      content_sealed: null,
      next_attempt_at: null,
      problem: 'It was not sent when the backup was made from which this installation was restored.',
      done_at: now,
    })
    .where('state', '<>', 'sent')
    .execute();
}

/** Removes mails of more than 30 days ago, whatever became of them. Returns how many. */
export async function purgeMails(db: Database, now: Temporal.Instant): Promise<number> {
  const removed = await db
    .deleteFrom('mails')
    .where('created_at', '<', now.subtract({ hours: keptDays * 24 }))
    .executeTakeFirst();
  return Number(removed.numDeletedRows);
}

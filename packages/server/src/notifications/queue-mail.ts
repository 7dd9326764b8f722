import type { Context } from '../edge/context.ts';
import { type MailContent, writeMail } from './mail-texts.ts';
import { insertMails } from './mails-store.ts';

/** For what a mail's content is sealed. */
export const mailPurpose = 'mail';

/** What queueing needs of a context; a job has as much. */
export type QueueContext = Pick<Context, 'trx' | 'now' | 'newId' | 'installation' | 'mailer' | 'afterCommit'>;

/** A mail to be written. */
export interface MailToQueue {
  to: string;
  accountId: string | null;
  content: MailContent;
}

/**
 * Lets somebody know of what this transaction does: written with it, sent after it. Without a mail server it is kept in
 * the outbox, where an operator can open it.
 */
export async function queueMail(context: QueueContext, mail: MailToQueue): Promise<void> {
  await queueMails(context, [mail]);
}

/** The same for many at once, with one statement. */
export async function queueMails(context: QueueContext, mails: readonly MailToQueue[]): Promise<void> {
  const { trx, now, newId, installation, mailer, afterCommit } = context;
  await insertMails(
    trx,
    mails.map(({ to, accountId, content }) => ({
      mailId: newId(),
      kind: content.kind,
      recipient: to,
      accountId,
      subject: writeMail(content).subject,
      contentSealed: installation.seal(mailPurpose, JSON.stringify(content)),
      toBeSent: mailer.isConfigured,
      now,
    })),
  );
  if (mails.length > 0) afterCommit(() => mailer.wake());
}

import type { Context } from '../edge/context.ts';
import { type MailContent, writeMail } from './mail-texts.ts';
import { insertMail } from './mails-store.ts';

/** For what a mail's content is sealed. */
export const mailPurpose = 'mail';

/** What queueing needs of a context; a job has as much. */
export type QueueContext = Pick<Context, 'trx' | 'now' | 'newId' | 'installation' | 'mailer' | 'afterCommit'>;

/**
 * Lets somebody know of what this transaction does: written with it, sent after it. Without a mail server it is kept in
 * the outbox, where an operator can open it.
 */
export async function queueMail(
  context: QueueContext,
  mail: { to: string; accountId: string | null; content: MailContent },
): Promise<void> {
  const { trx, now, newId, installation, mailer, afterCommit } = context;
  await insertMail(trx, {
    mailId: newId(),
    kind: mail.content.kind,
    recipient: mail.to,
    accountId: mail.accountId,
    subject: writeMail(mail.content).subject,
    contentSealed: installation.seal(mailPurpose, JSON.stringify(mail.content)),
    toBeSent: mailer.isConfigured,
    now,
  });
  afterCommit(() => mailer.wake());
}

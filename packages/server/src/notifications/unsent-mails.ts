import { openMail, sendMailAgain } from '@estover/protocol';
import { recordEvents } from '../audit/record-event.ts';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { type MailContent, writeMail } from './mail-texts.ts';
import { setMailWaiting } from './mails-store.ts';
import { accountsOfRecipient, lockMail, type MailAnswer } from './mails-view.ts';
import { mailPurpose } from './queue-mail.ts';

/** A mail that no mail server took and none is about to take, with what it says. */
async function unsentMail(
  { trx }: Context,
  mailId: string,
): Promise<{ mail: MailAnswer; contentSealed: string }> {
  const found = await lockMail(trx, mailId);
  if (found === undefined) throw notFound('mail');
  const { mail, contentSealed } = found;
  if (mail.state === 'waiting') throw new Refused('mail-not-open', 'The mail waits to be sent.');
  if (contentSealed === null) {
    const what = mail.state === 'sent' ? 'sent' : 'ended';
    throw new Refused('mail-not-open', `The mail was ${what} on ${mail.doneAt}, and what it said forgotten.`);
  }
  return { mail, contentSealed };
}

export const unsentMailCommands = [
  command(openMail, async (context, { params }) => {
    const { mail, contentSealed } = await unsentMail(context, params.mailId);
    const content = JSON.parse(context.installation.open(mailPurpose, contentSealed)) as MailContent;
    const facts = {
      objectKind: 'mail',
      objectId: mail.mailId,
      message: `opened the mail "${mail.subject}" to ${mail.recipient}, which was not sent`,
      after: { kind: mail.kind, recipient: mail.recipient, state: mail.state },
    };
    // A mail of the platform's, such as the link for a new password, opens every account of its reader: each hears of it.
    if (mail.accountId === null) {
      const { trx, newId, now: at, actor, from, requestId } = context;
      const accounts = await accountsOfRecipient(trx, mail.recipient);
      const common = { ...facts, at, actor, operation: openMail.name, from, requestId };
      await recordEvents(
        trx,
        accounts.map((accountId) => ({ ...common, accountId, eventId: newId() })),
      );
    }
    return {
      answer: { mail, text: writeMail(content).text },
      event: { ...facts, accountId: mail.accountId },
    };
  }),

  command(sendMailAgain, async (context, { params }) => {
    const { trx, now, mailer, afterCommit } = context;
    const { mail } = await unsentMail(context, params.mailId);
    if (!mailer.isConfigured) throw new Refused('mail-not-configured', 'Mails are kept in the outbox.');
    await setMailWaiting(trx, mail.mailId, now);
    afterCommit(() => mailer.wake());
    const waiting = {
      ...mail,
      state: 'waiting' as const,
      attempts: 0,
      nextAttemptAt: now.toString(),
      problem: null,
      doneAt: null,
    };
    return {
      answer: { mail: waiting },
      event: {
        accountId: mail.accountId,
        objectKind: 'mail',
        objectId: mail.mailId,
        message: `sent the mail "${mail.subject}" to ${mail.recipient} again`,
        before: { state: mail.state, problem: mail.problem },
        after: { state: 'waiting' },
      },
    };
  }),
];

import { secretPattern } from '@estover/protocol/secrets';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { logPutOff } from '../database/log-put-off.ts';
import type { Seal } from '../installation/index.ts';
import { type MailContent, writeMail } from './mail-texts.ts';
import {
  type ClaimedMail,
  claimDueMails,
  giveBackMails,
  setMailProblem,
  setMailSent,
} from './mails-store.ts';
import { mailPurpose } from './queue-mail.ts';
import { isFinal, problemOf, type Sending, type SmtpSettings, sendBySmtp, sendingMs } from './smtp.ts';

/** Brings queued mails to the mail server. */
export interface Mailer {
  /** Whether there is a mail server; without one mails are kept. */
  readonly isConfigured: boolean;
  /** Who mails come from; null without a mail server. */
  readonly from: string | null;
  /** Something was queued: sends it soon, in the background. */
  wake(): void;
  /** Sends what is due and waits for it. Returns how many mails were sent. */
  sendDue(): Promise<number>;
  /** Breaks off what is under way; what was not sent is due again at once. */
  close(): Promise<void>;
}

/** No mail server: everything is kept in the outbox. */
export const keepingMailer: Mailer = {
  isConfigured: false,
  from: null,
  wake() {},
  sendDue: async () => 0,
  close: async () => {},
};

export interface MailerOptions extends SmtpSettings {
  db: Database;
  seal: Seal;
  now(): Temporal.Instant;
  log: Pick<Logger, 'warn' | 'error'>;
  /** How long one mail may take. */
  withinMs?: number;
}

/** Minutes until the next attempt, after the first, the second and so on: in all, some three days. */
export const retryMinutes = [1, 5, 15, 60, 240, 720, 1440, 1440] as const;

/** So many mails are claimed at a time, for longer than all of them may take. */
const mostAtOnce = 10;
const claimMinutes = (2 * mostAtOnce * sendingMs) / 60_000;

/** One mail server for all servers of an installation, each of which sends what it gets hold of first. */
export function createMailer(options: MailerOptions): Mailer {
  const { db, seal, now, from, log } = options;
  let underWay: Promise<number> | undefined;
  let again = false;
  let closed = false;
  let sending: Sending | undefined;

  const sendClaimed = async (): Promise<number> => {
    let sent = 0;
    for (;;) {
      if (closed) return sent;
      const claimedAt = now();
      const until = claimedAt.add({ minutes: claimMinutes });
      const claimed = await claimDueMails(db, { now: claimedAt, until, most: mostAtOnce });
      for (const [index, mail] of claimed.entries()) {
        if (closed) {
          await giveBackMails(db, claimed.slice(index), now());
          return sent;
        }
        if (await send(mail)) sent += 1;
      }
      if (claimed.length < mostAtOnce) return sent;
    }
  };

  const send = async (mail: ClaimedMail): Promise<boolean> => {
    const content = JSON.parse(seal.open(mailPurpose, mail.contentSealed)) as MailContent;
    if (
      'until' in content &&
      content.kind !== 'role-given' &&
      content.until !== null &&
      hasPassed(content.until, now())
    ) {
      const problem = 'The link in it expired before it could be sent.';
      await setMailProblem(db, mail, { problem, nextAttemptAt: null, now: now() });
      return false;
    }
    try {
      sending = sendBySmtp(
        options,
        {
          ...writeMail(content),
          to: mail.recipient,
          mailId: mail.mailId,
          ...(content.kind === 'digest' ? { unsubscribeLink: content.unsubscribeLink } : {}),
        },
        options.withinMs,
      );
      await sending.done;
    } catch (error) {
      if (closed) {
        await giveBackMails(db, [mail], now());
        return false;
      }
      const secrets = content.link.match(secretPattern) ?? [];
      const problem = problemOf(error, { smtpUrl: options.smtpUrl, secrets });
      const minutes = isFinal(error) ? undefined : retryMinutes[mail.attempts - 1];
      const nextAttemptAt = minutes === undefined ? null : now().add({ minutes });
      await setMailProblem(db, mail, { problem, nextAttemptAt, now: now() });
      log.warn({ mailId: mail.mailId, problem, final: nextAttemptAt === null }, 'a mail could not be sent');
      return false;
    } finally {
      sending = undefined;
    }
    await setMailSent(db, mail, now());
    return true;
  };

  const run = async (): Promise<number> => {
    let sent = 0;
    do {
      again = false;
      sent += await sendClaimed();
    } while (again && !closed);
    return sent;
  };
  const start = (): Promise<number> => {
    if (underWay !== undefined) {
      again = true;
      return underWay;
    }
    underWay = run().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };

  return {
    isConfigured: true,
    from: from.name === '' ? from.address : `${from.name} <${from.address}>`,
    wake() {
      if (closed) return;
      // The schedule comes back to what fails here.
      start().catch((error: unknown) => logPutOff(log, error, 'mails could not be read'));
    },
    sendDue: async () => (closed ? 0 : start()),
    async close() {
      closed = true;
      sending?.abort('the server stops');
      await underWay?.catch(() => undefined);
    },
  };
}

const hasPassed = (instant: string, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(Temporal.Instant.from(instant), now) <= 0;

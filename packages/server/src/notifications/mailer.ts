import nodemailer from 'nodemailer';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import type { Seal } from '../installation/index.ts';
import { type MailContent, writeMail } from './mail-texts.ts';
import { claimDueMails, setMailProblem, setMailSent } from './mails-store.ts';
import { mailPurpose } from './queue-mail.ts';
import { needsSecureLine } from './secure-line.ts';

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
  /** Lets what is under way end. */
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

export interface MailerOptions {
  db: Database;
  seal: Seal;
  now(): Temporal.Instant;
  /** `smtp://` or `smtps://`, with user and password in it. Secret. */
  smtpUrl: string;
  /** An address, with or without a name before it. */
  from: string;
  log: Pick<Logger, 'warn' | 'error'>;
}

/** Minutes until the next attempt, after the first, the second and so on: in all, some three days. */
export const retryMinutes = [1, 5, 15, 60, 240, 720, 1440, 1440] as const;

/** So many mails are claimed at a time, and for so long: longer than the mail server may take for all of them. */
const mostAtOnce = 10;
const claimMinutes = 10;
const answerWithinMs = 20_000;

/** One mail server for all servers of an installation, each of which sends what it gets hold of first. */
export function createMailer(options: MailerOptions): Mailer {
  const { db, seal, now, from, log } = options;
  const transport = nodemailer.createTransport({
    url: options.smtpUrl,
    requireTLS: needsSecureLine(options.smtpUrl),
    connectionTimeout: answerWithinMs,
    greetingTimeout: answerWithinMs,
    socketTimeout: answerWithinMs,
    dnsTimeout: answerWithinMs,
    // What a mail says comes from here alone; it names no file and no address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let underWay: Promise<number> | undefined;
  let again = false;
  let closed = false;

  const sendClaimed = async (): Promise<number> => {
    let sent = 0;
    for (;;) {
      const claimedAt = now();
      const until = claimedAt.add({ minutes: claimMinutes });
      const claimed = await claimDueMails(db, { now: claimedAt, until, most: mostAtOnce });
      for (const mail of claimed) {
        if (await send(mail.mailId, mail)) sent += 1;
        if (closed) return sent;
      }
      if (claimed.length < mostAtOnce || closed) return sent;
    }
  };

  const send = async (
    mailId: string,
    { recipient, contentSealed, attempts }: { recipient: string; contentSealed: string; attempts: number },
  ): Promise<boolean> => {
    try {
      const content = JSON.parse(seal.open(mailPurpose, contentSealed)) as MailContent;
      await transport.sendMail({
        from,
        // An object, not a text: an address is never read as a list of them.
        to: { name: '', address: recipient },
        // The same for every attempt, so that a mail which came twice shows as one.
        messageId: `<${mailId}@${domainOf(from)}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
        ...writeMail(content),
      });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const minutes = isFinal(error) ? undefined : retryMinutes[attempts - 1];
      const nextAttemptAt = minutes === undefined ? null : now().add({ minutes });
      await setMailProblem(db, mailId, { problem, nextAttemptAt, now: now() });
      log.warn({ mailId, problem, final: nextAttemptAt === null }, 'a mail could not be sent');
      return false;
    }
    await setMailSent(db, mailId, now());
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
    from,
    wake() {
      if (closed) return;
      // The schedule comes back to what fails here.
      start().catch((error: unknown) => log.error({ err: error }, 'mails could not be read'));
    },
    sendDue: start,
    async close() {
      closed = true;
      await underWay?.catch(() => undefined);
      transport.close();
    },
  };
}

/**
 * Whether the mail server refused this mail for good: its recipient or its content, with a code of 500 to 599 (RFC 5321,
 * 4.2.1). A wrong password or a server that is away is mended by an operator, and then the mail goes out.
 */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('responseCode' in error)) return false;
  const { code, responseCode } = error;
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && Number(responseCode) >= 500;
}

/** The domain of an address such as `Estover <licenses@example.com>`. */
const domainOf = (address: string): string => /@([^\s>]+)/.exec(address)?.[1] ?? 'localhost';

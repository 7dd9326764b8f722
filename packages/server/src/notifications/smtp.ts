import { Socket } from 'node:net';
import nodemailer from 'nodemailer';
import type { MailText } from './mail-texts.ts';

/** Where mails go and who they come from. */
export interface SmtpSettings {
  /** `smtp://` or `smtps://`, with user and password in it. Secret. */
  smtpUrl: string;
  from: { name: string; address: string };
}

/** One mail on its way; `abort` breaks the line. */
export interface Sending {
  done: Promise<void>;
  abort(reason: string): void;
}

/** How long the mail server may be silent. */
const silenceMs = 20_000;
/** How long one mail may take in all: a server that says a word now and then is not silent. */
export const sendingMs = 60_000;

/** Sends one mail over a line of its own. */
export function sendBySmtp(
  { smtpUrl, from }: SmtpSettings,
  mail: MailText & { to: string; mailId: string; unsubscribeLink?: string },
  withinMs = sendingMs,
): Sending {
  // The library takes no signal; the line is ours, so that it can be broken at any moment.
  const socket = new Socket();
  const abort = (reason: string) => void socket.destroy(new Error(reason));
  const timer = setTimeout(() => abort(`the mail server took longer than ${withinMs / 1000} s`), withinMs);
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    socket,
    requireTLS: needsSecureLine(smtpUrl),
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
    dnsTimeout: silenceMs,
    // What a mail says comes from here alone; it names no file and no address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const send = async (): Promise<void> => {
    try {
      await transport.sendMail({
        from,
        // An object, not a text: an address is never read as a list of them.
        to: { name: '', address: mail.to },
        // The same for every attempt, so that a mail which came twice shows as one.
        messageId: `<${mail.mailId}@${domainOf(from.address)}>`,
        headers: { 'Auto-Submitted': 'auto-generated', ...unsubscribeHeaders(mail.unsubscribeLink) },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
      });
    } finally {
      clearTimeout(timer);
      transport.close();
      socket.destroy();
    }
  };
  return { done: send(), abort };
}

/** Lets the reader's program offer one click that ends mails like this (RFC 8058 §3.1). */
const unsubscribeHeaders = (link: string | undefined): Record<string, string> =>
  link === undefined
    ? {}
    : { 'List-Unsubscribe': `<${link}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };

/** A password goes over no line that others can read; to this machine itself there is none. */
export function needsSecureLine(smtpUrl: string): boolean {
  const { username, password, hostname } = new URL(smtpUrl);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return `${username}${password}` !== '' && !isHere;
}

/**
 * Whether the mail server refused this mail for good: its recipient or its content, with a code of 500 to 599 (RFC 5321,
 * 4.2.1). Anything else, such as a wrong password, a sender that is not allowed or a server that is away, is mended by an
 * operator, and then the mail goes out.
 */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !('command' in error) || !('responseCode' in error)) return false;
  const { command, responseCode } = error;
  const isOfThisMail = command === 'RCPT TO' || command === 'DATA';
  return isOfThisMail && Number(responseCode) >= 500 && Number(responseCode) !== 530;
}

/**
 * What went wrong, for people and logs. Mail servers quote what they were sent, so that neither what lets somebody in nor
 * what opens the mail server stays in it.
 */
export function problemOf(
  error: unknown,
  { smtpUrl, secrets }: { smtpUrl: string; secrets: readonly string[] },
): string {
  const { username, password } = new URL(smtpUrl);
  const [user, word] = [decodeURIComponent(username), decodeURIComponent(password)];
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const hidden = [...secrets, word, base64(word), base64(`\0${user}\0${word}`)].filter(
    ({ length }) => length > 3,
  );
  const text = error instanceof Error ? error.message : String(error);
  return hidden.reduce((shown, secret) => shown.replaceAll(secret, '[left out]'), text).slice(0, 500);
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

import { createBrowser, type TestBrowser, type TestServer } from '../../testing/index.ts';
import { totpCode } from '../totp.ts';
import { makePersonWithPassword } from './person-with-password.ts';

export const password = 'correct horse battery';

export interface SignedInPerson {
  personId: string;
  email: string;
  browser: TestBrowser;
}

/** A browser in which the person has given their password. */
export async function enterPassword(server: TestServer, email: string): Promise<TestBrowser> {
  const browser = createBrowser(server.address);
  const answer = await browser.post('/auth/sign-in/email', { email, password });
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`);
  return browser;
}

/** A new person with a session, at a mail domain of their own unless an address is given. */
export async function signedInPerson(server: TestServer, email?: string): Promise<SignedInPerson> {
  const who = await makePersonWithPassword(server, password, email);
  return { ...who, browser: await enterPassword(server, who.email) };
}

/** Turns codes at sign-in on; `code` gives the app's code of now, and moves the clock so that each is a new one. */
export async function turnOnCodes(
  server: TestServer,
  { browser }: SignedInPerson,
): Promise<{ code(): Promise<string>; recoveryCodes: string[] }> {
  const started = await browser.post('/auth/totp/start', { password });
  const { secret } = (await started.json()) as { secret: string };
  const code = () => {
    server.clock.advance({ seconds: 30 });
    return totpCode(secret, server.clock.now());
  };
  const confirmed = await browser.post('/auth/totp/confirm', { code: await code() });
  const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] };
  return { code, recoveryCodes };
}

/** Events of the platform about a person, the oldest first, without who and when. */
export async function eventsAbout(server: TestServer, personId: string): Promise<[string, string][]> {
  const rows = await server.db
    .selectFrom('events')
    .select(['operation', 'message'])
    .where('object_kind', '=', 'person')
    .where('object_id', '=', personId)
    .orderBy('event_id')
    .execute();
  return rows.map(({ operation, message }) => [operation, message]);
}

/** Subjects of the mails to an address, the oldest first. */
export async function mailsTo(server: TestServer, email: string): Promise<string[]> {
  const rows = await server.db
    .selectFrom('mails')
    .select('subject')
    .where('recipient', '=', email)
    .orderBy('mail_id')
    .execute();
  return rows.map(({ subject }) => subject);
}

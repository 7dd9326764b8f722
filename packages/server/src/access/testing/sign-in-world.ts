import { listMails, openMail } from '@estover/protocol';
import { expect } from 'vitest';
import {
  createBrowser,
  createTestAuthenticator,
  type TestAuthenticator,
  type TestBrowser,
  type TestServer,
} from '../../testing/index.ts';
import { totpCode } from '../totp.ts';
import { makePersonWithPassword } from './person-with-password.ts';

/** A browser of the person, or of whoever pretends to be them. */
interface Seat {
  browser: TestBrowser;
  isIn: boolean;
  provedAt: Temporal.Instant;
}

/** Something that is good once and until a time, such as a link or a half-done sign-in. */
interface Once {
  secret: string;
  until: Temporal.Instant;
  isGone: boolean;
}

/** What must be so of one person's sign-in: the small model of a walk. */
export interface SignInModel {
  email: string;
  password: string;
  earlierPassword: string;
  codes: { isOn: boolean; secret: string | null; startedAt: Temporal.Instant | null };
  recovery: { left: string[]; spent: string[] };
  /** The first challenge of each, with how often it was tried wrongly. */
  challenges: (Once & { wrong: number })[];
  resets: Once[];
  proofs: (Once & { email: string })[];
  passkeys: { authenticator: TestAuthenticator; isGone: boolean }[];
  /** What passkeys signed already. */
  signed: unknown[];
  seats: Seat[];
}

/** The real thing beside the model. */
export interface SignInWorld {
  server: TestServer;
  personId: string;
  /** Numbers what has to be new. */
  next(): number;
}

const firstPassword = 'correct horse battery';

export async function newWorld(server: TestServer): Promise<{ model: SignInModel; real: SignInWorld }> {
  const { personId, email } = await makePersonWithPassword(server, firstPassword);
  let number = 0;
  const model: SignInModel = {
    email,
    password: firstPassword,
    earlierPassword: 'never was the one',
    codes: { isOn: false, secret: null, startedAt: null },
    recovery: { left: [], spent: [] },
    challenges: [],
    resets: [],
    proofs: [],
    passkeys: [],
    signed: [],
    seats: [],
  };
  return { model, real: { server, personId, next: () => ++number } };
}

export const isGood = ({ server }: SignInWorld, once: Once | undefined): once is Once =>
  once !== undefined && !once.isGone && Temporal.Instant.compare(once.until, server.clock.now()) > 0;

/** One of a list by a number that may be anything; undefined of an empty one. */
export const oneOf = <T>(list: readonly T[], at: number): T | undefined =>
  list.length === 0 ? undefined : list[at % list.length];

/** Sends the same request so often at once, and answers the statuses, the best first. */
export async function sendAtOnce(
  times: number,
  send: (browser: TestBrowser) => Promise<Response>,
  server: TestServer,
): Promise<{ status: number; browser: TestBrowser; body: Record<string, unknown> }[]> {
  const answers = await Promise.all(
    Array.from({ length: times }, async () => {
      const browser = createBrowser(server.address);
      const answer = await send(browser);
      return { status: answer.status, browser, body: (await answer.json()) as Record<string, unknown> };
    }),
  );
  return answers.toSorted((one, other) => one.status - other.status);
}

/** What a new password does: nothing goes on that began with the one before. */
export function replacePassword(model: SignInModel, password: string): void {
  if (password !== model.password) model.earlierPassword = model.password;
  model.password = password;
  for (const seat of model.seats) seat.isIn = false;
  for (const once of [...model.challenges, ...model.resets]) once.isGone = true;
}

export function sitDown({ server }: SignInWorld, model: SignInModel, browser: TestBrowser): void {
  model.seats.push({ browser, isIn: true, provedAt: server.clock.now() });
}

/** A code that is right now and was not used, or null where no app is on. */
export const codeNow = async ({ server }: SignInWorld, { codes }: SignInModel): Promise<string | null> =>
  codes.secret === null ? null : totpCode(codes.secret, server.clock.now());

/** Secrets in the mails to an address, the newest first. */
export async function secretsInMails(
  { server }: SignInWorld,
  email: string,
  kind: 'espr' | 'esmp',
): Promise<string[]> {
  const { items } = await server.operator.call(listMails, { query: { search: email } });
  const secrets: string[] = [];
  for (const { mailId } of items.slice(0, 3)) {
    const { text } = await server.operator.call(openMail, { params: { mailId } });
    const secret = new RegExp(`#(${kind}_\\w+)`).exec(text)?.[1];
    if (secret !== undefined) secrets.push(secret);
  }
  return secrets;
}

export const newAuthenticator = ({ server, personId }: SignInWorld): TestAuthenticator =>
  createTestAuthenticator(server.installation.publicUrl, personId);

/**
 * Sees that exactly those sessions live which the model has, and no more: what opened one without all factors, or kept
 * one that had to end, shows here.
 */
export async function checkSessions(
  { server, personId }: SignInWorld,
  { seats }: SignInModel,
): Promise<void> {
  const rows = await server.db
    .selectFrom('sessions')
    .select('id')
    .where('person_id', '=', personId)
    .execute();
  expect(rows).toHaveLength(seats.filter(({ isIn }) => isIn).length);
}

/** Sees of every browser whether it is the person's session. */
export async function checkSeats(model: SignInModel): Promise<void> {
  const answers = await Promise.all(model.seats.map(({ browser }) => browser.request('GET', '/api/v1/me')));
  expect(answers.map(({ status }) => status)).toEqual(model.seats.map(({ isIn }) => (isIn ? 200 : 401)));
}

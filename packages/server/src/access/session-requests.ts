import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { Refused } from '../edge/refused.ts';
import type { Installation } from '../installation/index.ts';
import type { Mailer } from '../notifications/index.ts';
import type { BreachedPasswords } from './breached-passwords.ts';
import { rememberBrowser } from './known-browser.ts';
import { headersFor } from './library-requests.ts';
import { type OwnRequest, recordAndTell, recordOwnChange } from './own-changes.ts';
import { findPerson, lockPerson, passwordHashOf } from './people-store.ts';
import { requireSameOrigin } from './same-origin.ts';
import { secondFactorOf } from './second-factor-store.ts';
import { endOldestSessions, takeBackSession } from './sessions-store.ts';
import type { SignedIn, SignIn } from './sign-in.ts';
import type { SignInTries } from './sign-in-tries.ts';

/** What a server gives to its sign-in. */
export interface SignInParts {
  db: Database;
  installation: Installation;
  mailer: Mailer;
  signIn: SignIn;
  breachedPasswords: BreachedPasswords;
  now(): Temporal.Instant;
  newId(): string;
}

/** What the routes of sign-in need; tries of all of them are counted together. */
export interface SignInDependencies extends SignInParts {
  tries: SignInTries;
}

/**
 * The person of a session who changes something of their own sign-in.
 *
 * @throws Refused `cross-origin`, `sign-in-required`
 */
export async function requireSession(
  request: FastifyRequest,
  { signIn, installation }: Pick<SignInDependencies, 'signIn' | 'installation'>,
): Promise<SignedIn & OwnRequest> {
  requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'refuse' });
  const person = await signIn.personOf(request.headers.cookie);
  if (person === null) throw new Refused('sign-in-required', 'This needs a session.');
  return { ...person, person, from: request.ip, requestId: request.id };
}

/** A person is signed in in no more browsers than this at once; the oldest session makes room. */
const mostSessions = 100;

type SessionParts = Pick<SignInDependencies, 'db' | 'signIn' | 'installation' | 'now' | 'newId'>;

/**
 * Begins a session for a person who has proved who they are, with its cookie in the answer; `passwordHash` is that of the
 * password they began with, if they did: one that was replaced meanwhile opens nothing. The browser is known from then on.
 *
 * @throws Refused `sign-in-ended`
 */
export async function beginSession(
  dependencies: SessionParts,
  request: FastifyRequest,
  reply: FastifyReply,
  { personId, passwordHash }: { personId: string; passwordHash?: string },
): Promise<void> {
  const { db, signIn, installation, now } = dependencies;
  const removed = () => new Refused('sign-in-ended', 'Whoever signs in here was removed just now.');
  const { response, token } = await signIn
    .open(personId, headersFor(signIn, request))
    .catch(async (error: unknown) => {
      throw (await findPerson(db, personId)) === undefined ? removed() : error;
    });
  const email = await inTransaction(db, async (trx) => {
    const person = await lockPerson(trx, personId);
    if (person === undefined) throw removed();
    if (passwordHash !== undefined && (await passwordHashOf(trx, personId)) !== passwordHash) {
      await takeBackSession(trx, token);
      return null;
    }
    const ended = await endOldestSessions(trx, personId, mostSessions);
    if (ended > 0) {
      const own = { person, from: request.ip, requestId: request.id };
      await recordOwnChange(trx, dependencies, own, {
        operation: 'endOldestSessions',
        message: `signed in, which ended their oldest sessions: ${ended}; ${mostSessions} is the most`,
      });
    }
    return person.email;
  });
  if (email === null) {
    throw new Refused('sign-in-ended', 'The password was changed just now. Sign in with the new one.');
  }
  reply.header('set-cookie', response.headers.getSetCookie());
  rememberBrowser(request, reply, installation, email, now());
}

/** The same, and answers the request. */
export async function openSession(
  dependencies: SessionParts,
  request: FastifyRequest,
  reply: FastifyReply,
  who: { personId: string; passwordHash?: string },
  answer: object = { state: 'signed-in' },
): Promise<FastifyReply> {
  await beginSession(dependencies, request, reply, who);
  return reply.send(answer);
}

export const codeWrong = (): Refused =>
  new Refused('code-wrong', 'It is no code of the last minute, and no recovery code that is left.');

/** Lets a person know that one of their recovery codes is used up. */
export async function tellOfRecoveryCode(
  trx: Trx,
  dependencies: SignInDependencies,
  request: OwnRequest,
): Promise<void> {
  const { recoveryCodesLeft: left } = await secondFactorOf(trx, request.person.personId);
  await recordAndTell(trx, dependencies, request, {
    operation: 'useRecoveryCode',
    message: `used one of their recovery codes; ${left} are left`,
    change: { what: 'recovery-code-used', left },
  });
}

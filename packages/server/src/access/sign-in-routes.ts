import { judgePassword } from '@estover/domain/access';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { recordEvents } from '../audit/record-event.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { type AttemptLimiter, createAttemptLimiter, networkOf, requireTry } from '../edge/attempt-limiter.ts';
import { Refused } from '../edge/refused.ts';
import type { Installation } from '../installation/index.ts';
import { type Mailer, queueMail } from '../notifications/index.ts';
import { endLinks } from './one-time-links-store.ts';
import { hasRoomForPasswords } from './password-hash.ts';
import { notePasswordReset, resetPassword, sendPasswordResets } from './password-reset.ts';
import { endSessionOfOldPassword, mailKey, passwordHashOf } from './people-store.ts';
import { requireSameOrigin } from './same-origin.ts';
import { addressHeader, type SignedIn, type SignIn, signInPath } from './sign-in.ts';

interface SignInDependencies {
  db: Database;
  installation: Installation;
  mailer: Mailer;
  signIn: SignIn;
  now(): Temporal.Instant;
  newId(): string;
}

/** The only requests of the sign-in library that are reachable. Whatever else it could answer is not found. */
const gets = ['/get-session', '/list-sessions'] as const;
const posts = ['/sign-out', '/revoke-session', '/revoke-sessions'] as const;

/** Sign-in, sign-out, sessions, and the change or the loss of one's own password, below `/auth`. */
export function addSignInRoutes(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { signIn, installation, now } = dependencies;
  // A person mistypes a few times; a program that guesses gets some 30 tries an hour at one address.
  const byMail = createAttemptLimiter({ burst: 10, refillSeconds: 120 });
  const byNetwork = createAttemptLimiter({ burst: 60, refillSeconds: 2 });
  // Somebody who cannot find the mail asks again; a program that asks for others fills their boxes.
  const resetsByMail = createAttemptLimiter({ burst: 3, refillSeconds: 1200 });
  const resetsByNetwork = createAttemptLimiter({ burst: 20, refillSeconds: 30 });

  const bound = (reply: FastifyReply, limiter: AttemptLimiter, key: string): void =>
    requireTry(limiter, key, now(), reply);
  const boundPasswords = (reply: FastifyReply): void => {
    if (hasRoomForPasswords()) return;
    reply.header('retry-after', 2);
    throw new Refused('too-many-requests', 'Too many passwords are being checked right now.');
  };

  for (const path of gets) {
    app.get(`${signInPath}${path}`, (request, reply) => pass(signIn, request, reply, path));
  }
  for (const path of posts) {
    app.post(`${signInPath}${path}`, (request, reply) => {
      requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'refuse' });
      return pass(signIn, request, reply, path, objectOf(request.body));
    });
  }

  app.post(`${signInPath}/sign-in/email`, async (request, reply) => {
    // Somebody else's page must not sign a person in as another one. A program without a browser may.
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    const email = textOf(request, 'email');
    const password = textOf(request, 'password');
    const key = mailKey(email);
    bound(reply, byNetwork, networkOf(request.ip));
    bound(reply, byMail, key);
    boundPasswords(reply);
    const passwordHash = await passwordHashOf(dependencies.db, key);
    const answered = await ask(signIn, request, '/sign-in/email', { email, password });
    if (answered.status === 200) {
      const token = tokenOf(answered.body);
      const isOld = await inTransaction(dependencies.db, (trx) =>
        endSessionOfOldPassword(trx, { email: key, passwordHash, token }),
      );
      if (isOld)
        throw new Refused('sign-in-failed', 'The password was changed just now. Sign in with the new one.');
      byMail.clear(key);
    }
    return send(reply, answered);
  });

  app.post(`${signInPath}/change-password`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'refuse' });
    const person = await signIn.personOf(request.headers.cookie);
    if (person === null) throw new Refused('sign-in-required', 'This needs a session.');
    const currentPassword = textOf(request, 'currentPassword');
    const newPassword = textOf(request, 'newPassword');
    const judged = judgePassword(newPassword, person);
    if (!judged.ok) throw new Refused('password-weak', judged.detail);
    bound(reply, byMail, mailKey(person.email));
    boundPasswords(reply);
    // Whoever knew the old password is signed out everywhere.
    const body = { currentPassword, newPassword, revokeOtherSessions: true };
    const answered = await ask(signIn, request, '/change-password', body);
    if (answered.status === 200) {
      byMail.clear(mailKey(person.email));
      await recordPasswordChange(dependencies, person, request);
    }
    return send(reply, answered);
  });

  app.post(`${signInPath}/request-password-reset`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    const email = textOf(request, 'email');
    bound(reply, resetsByNetwork, networkOf(request.ip));
    // By network as well: somebody elsewhere who asks for this person must not keep them from asking.
    bound(reply, resetsByMail, `${mailKey(email)} ${networkOf(request.ip)}`);
    await notePasswordReset(dependencies, email);
    // After the answer: whether there is somebody must not show in how long it took.
    setImmediate(() => {
      sendPasswordResets(dependencies).catch((error: unknown) => {
        request.log.warn({ err: error }, 'links for new passwords were not sent; the schedule tries again');
      });
    });
    return reply.code(202).send({});
  });

  app.post(`${signInPath}/reset-password`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    const token = textOf(request, 'token');
    const password = textOf(request, 'password');
    bound(reply, byNetwork, networkOf(request.ip));
    boundPasswords(reply);
    const { ip: from, id: requestId } = request;
    const { email } = await resetPassword(dependencies, { token, password, from, requestId });
    byMail.clear(mailKey(email));
    return { email };
  });
}

const objectOf = (body: unknown): Record<string, unknown> =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : {};

/** A text member of the body; the library would answer a missing one in its own words. */
function textOf(request: FastifyRequest, name: string): string {
  const value = objectOf(request.body)[name];
  if (typeof value === 'string' && value !== '' && value.length <= 1024) return value;
  const detail = 'must be a text of 1 to 1024 characters';
  throw new Refused('invalid-request', `body/${name}: ${detail}.`, {
    errors: [{ pointer: `body/${name}`, detail }],
  });
}

/** What the library answered. */
interface Answered {
  status: number;
  type: string;
  cookies: string[];
  body: string;
}

/** Hands a request to the library with nothing of it but what was checked, and answers what it answers. */
async function pass(
  signIn: SignIn,
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  body?: Record<string, unknown>,
): Promise<FastifyReply> {
  return send(reply, await ask(signIn, request, path, body));
}

function send(reply: FastifyReply, { status, type, cookies, body }: Answered): FastifyReply {
  reply.code(status).type(type);
  if (cookies.length > 0) reply.header('set-cookie', cookies);
  return reply.send(body);
}

/** The token of the session that a sign-in began. */
function tokenOf(body: string): string {
  const { token } = JSON.parse(body) as { token?: unknown };
  if (typeof token !== 'string') throw new Error('a sign-in was answered without its session');
  return token;
}

async function ask(
  signIn: SignIn,
  request: FastifyRequest,
  path: string,
  body?: Record<string, unknown>,
): Promise<Answered> {
  const url = `${signIn.baseUrl()}${path}`;
  const headers = new Headers({ origin: new URL(url).origin, [addressHeader]: request.ip });
  for (const name of ['cookie', 'user-agent'] as const) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  if (body !== undefined) headers.set('content-type', 'application/json');
  const response = await signIn.handle(
    new Request(url, {
      method: request.method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  if (response.status >= 500) throw new Error(`sign-in answered ${response.status} to ${path}`);
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? 'application/json',
    cookies: response.headers.getSetCookie(),
    body: await response.text(),
  };
}

/** Tells of a changed password: an event, a mail, and no link for another one is valid any more. */
async function recordPasswordChange(
  { db, now: clock, newId, installation, mailer }: SignInDependencies,
  person: SignedIn,
  request: FastifyRequest,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const now = clock();
    await endLinks(trx, 'password-reset', person.personId);
    const content = {
      kind: 'password-changed',
      at: now.toString(),
      link: `${installation.publicUrl}/sign-in`,
    } as const;
    const context = { trx, now, newId, installation, mailer, afterCommit: () => {} };
    await queueMail(context, { to: person.email, accountId: null, content });
    await recordEvents(trx, [
      {
        accountId: null,
        eventId: newId(),
        at: now,
        actor: {
          kind: 'person',
          id: person.personId,
          name: person.name,
          email: person.email,
          platformRoles: [],
        },
        operation: 'changePassword',
        objectKind: 'person',
        objectId: person.personId,
        message: 'changed their password; all other sessions ended',
        from: request.ip,
        requestId: request.id,
      },
    ]);
  });
  mailer.wake();
}

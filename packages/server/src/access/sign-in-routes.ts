import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { inTransaction } from '../database/transaction.ts';
import { networkOf } from '../edge/attempt-limiter.ts';
import { Refused } from '../edge/refused.ts';
import { countWrongCode, endChallengesOf, keepChallenge, lockCodeChallenge } from './challenges-store.ts';
import { requireGoodPassword } from './judged-password.ts';
import { askLibrary, sendOn, textOf } from './library-requests.ts';
import { addMailAddressRoutes } from './mail-address-routes.ts';
import { endLinks } from './one-time-links-store.ts';
import { recordOwnChange } from './own-changes.ts';
import { addPasskeyRoutes } from './passkey-routes.ts';
import { hashPassword } from './password-hash.ts';
import { notePasswordReset, resetPassword, sendPasswordResets, tellOfPassword } from './password-reset.ts';
import { choosePassword, findPerson, lockPerson, mailKey, passwordHashOf } from './people-store.ts';
import { requirePassword, requirePasswordAt } from './prove.ts';
import { requireSameOrigin } from './same-origin.ts';
import { secondFactorOf, useCode } from './second-factor-store.ts';
import {
  codeWrong,
  openSession,
  requireSession,
  type SignInDependencies,
  type SignInParts,
  tellOfRecoveryCode,
} from './session-requests.ts';
import { signInPath } from './sign-in.ts';
import { createSignInTries } from './sign-in-tries.ts';
import { addSingleSignOnRoutes } from './single-sign-on/flow-routes.ts';
import { isSentElsewhere, requireOwnWay, sentElsewhere } from './single-sign-on/own-way.ts';
import { addStepUpRoute } from './step-up-route.ts';
import { addTotpRoutes } from './totp-routes.ts';

/**
 * Sign-in with a password, a code or a passkey, sign-out, and what changes one's own sign-in, below `/auth`. Nothing
 * else of the sign-in library is reachable.
 */
export function addSignInRoutes(app: FastifyInstance, given: SignInParts): void {
  const dependencies: SignInDependencies = {
    ...given,
    tries: createSignInTries(given.now, given.installation),
  };
  addPasswordSignIn(app, dependencies);
  addCodeSignIn(app, dependencies);
  addPasswordRoutes(app, dependencies);
  addStepUpRoute(app, dependencies);
  addTotpRoutes(app, dependencies);
  addPasskeyRoutes(app, dependencies);
  addMailAddressRoutes(app, dependencies);
  addSingleSignOnRoutes(app, dependencies);
  app.post(`${signInPath}/sign-out`, async (request, reply) => {
    requireSameOrigin(request, given.installation.publicUrl, { withoutOrigin: 'refuse' });
    return sendOn(reply, await askLibrary(given.signIn, request, '/sign-out', {}), {});
  });
}

function addPasswordSignIn(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, now, tries } = dependencies;
  app.post(`${signInPath}/sign-in/email`, async (request, reply) => {
    // Somebody else's page must not sign a person in as another one. A program without a browser may.
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    const email = textOf(request, 'email');
    const password = textOf(request, 'password');
    const wasRight = tries.countPassword(request, reply, email);
    const begun = await requirePasswordAt(db, email, password);
    const { personId, passwordHash } = begun;
    // Under the person's lock: a password that is replaced meanwhile ends what is begun here.
    const outcome = await inTransaction(db, async (trx) => {
      const person = await lockPerson(trx, personId);
      if (person === undefined || (await passwordHashOf(trx, personId)) !== passwordHash) {
        throw new Refused('sign-in-failed', 'The password was changed just now. Sign in with the new one.');
      }
      if (await isSentElsewhere(trx, person)) return 'elsewhere';
      if (!(await secondFactorOf(trx, personId)).isOn) return 'signed-in';
      // The password alone opens nothing.
      const challenge = randomBytes(32).toString('base64url');
      await keepChallenge(trx, { challenge, kind: 'code', personId, now: now() });
      return { challenge };
    });
    wasRight();
    if (outcome === 'elsewhere') throw sentElsewhere();
    if (outcome === 'signed-in') return openSession(dependencies, request, reply, begun);
    return reply.send({ state: 'code-needed', challenge: outcome.challenge });
  });
}

function addCodeSignIn(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, mailer, now, tries } = dependencies;
  app.post(`${signInPath}/sign-in/code`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    const challenge = textOf(request, 'challenge', 64);
    const code = textOf(request, 'code', 32);
    tries.countOrigin(request, reply);
    // A wrong code is counted and the transaction kept, so it is an outcome here and no refusal yet.
    const outcome = await inTransaction(db, async (trx) => {
      const at = now();
      const personId = await lockCodeChallenge(trx, challenge, at);
      const person = personId === undefined ? undefined : await findPerson(trx, personId);
      if (person === undefined) return null;
      tries.count(reply, 'code', person.personId);
      const used = await useCode(trx, installation, { personId: person.personId, code, now: at });
      if (used === null) await countWrongCode(trx, challenge);
      else await endChallengesOf(trx, person.personId);
      if (used === 'recovery') {
        await tellOfRecoveryCode(trx, dependencies, { person, from: request.ip, requestId: request.id });
      }
      const passwordHash = await passwordHashOf(trx, person.personId);
      return { ...person, used, passwordHash };
    });
    if (outcome === null) {
      throw new Refused('sign-in-ended', 'The sign-in that this code belongs to is not open any more.');
    }
    if (outcome.used === null) throw codeWrong();
    if (outcome.used === 'recovery') mailer.wake();
    tries.clear('code', outcome.personId);
    await requireOwnWay(db, outcome);
    const { personId, passwordHash = '' } = outcome;
    return openSession(dependencies, request, reply, { personId, passwordHash });
  });
}

function addPasswordRoutes(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, mailer, newId, now, tries } = dependencies;
  app.post(`${signInPath}/change-password`, async (request, reply) => {
    const own = await requireSession(request, dependencies);
    const { personId, email } = own;
    const currentPassword = textOf(request, 'currentPassword');
    const newPassword = textOf(request, 'newPassword');
    await requireGoodPassword(newPassword, own, dependencies.breachedPasswords);
    tries.count(reply, 'own-password', personId);
    tries.roomForPassword(reply);
    const replaced = await requirePassword(db, personId, currentPassword);
    tries.clear('own-password', personId);
    const passwordHash = await hashPassword(newPassword);
    await inTransaction(db, async (trx) => {
      const person = await lockPerson(trx, personId);
      if (person === undefined || (await passwordHashOf(trx, personId)) !== replaced) {
        throw new Refused('password-wrong', 'The password was changed just now.');
      }
      // Whoever knew the old password is signed out everywhere; this browser gets a new session.
      await choosePassword(trx, { ...person, passwordHash, newId: newId(), now: now() });
      await endLinks(trx, 'password-reset', personId);
      await tellOfPassword(trx, dependencies, email);
      await recordOwnChange(trx, dependencies, own, {
        operation: 'changePassword',
        message: 'changed their password; all other sessions ended',
      });
    });
    mailer.wake();
    return openSession(dependencies, request, reply, { personId, passwordHash }, {});
  });

  app.post(`${signInPath}/request-password-reset`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    const email = textOf(request, 'email');
    tries.count(reply, 'reset-network', networkOf(request.ip));
    // By network as well: somebody elsewhere who asks for this person must not keep them from asking.
    tries.count(reply, 'reset', `${mailKey(email)} ${networkOf(request.ip)}`);
    await notePasswordReset(dependencies, email);
    // After the answer: whether there is somebody must not show in how long it took.
    reply.raw.once('finish', () => {
      setImmediate(() => {
        sendPasswordResets(dependencies).catch((error: unknown) => {
          request.log.warn({ err: error }, 'links for new passwords were not sent; the schedule tries again');
        });
      });
    });
    return reply.code(202).send({});
  });

  app.post(`${signInPath}/reset-password`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    const token = textOf(request, 'token');
    const password = textOf(request, 'password');
    tries.countOrigin(request, reply);
    tries.roomForPassword(reply);
    const { ip: from, id: requestId } = request;
    const { email } = await resetPassword(dependencies, { token, password, from, requestId });
    tries.forgetPassword(request, email);
    return { email };
  });
}

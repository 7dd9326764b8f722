import { judgeProof } from '@estover/domain/access';
import type { FastifyInstance } from 'fastify';
import { inTransaction } from '../database/transaction.ts';
import { Refused } from '../edge/refused.ts';
import { keepChallenge, takeChallenge } from './challenges-store.ts';
import { memberOf, textOf } from './library-requests.ts';
import { recordAndTell } from './own-changes.ts';
import { passkeyAnswer } from './passkeys.ts';
import { insertPasskey, listPasskeys } from './passkeys-store.ts';
import { findPerson, lockPerson } from './people-store.ts';
import { requirePasskey } from './prove.ts';
import { requireSameOrigin } from './same-origin.ts';
import { openSession, requireSession, type SignInDependencies } from './session-requests.ts';
import { type SignedIn, signInPath } from './sign-in.ts';
import { requireOwnWay } from './single-sign-on/own-way.ts';
import { checkAttestation, optionsForNew, optionsForProof, readAttestation } from './webauthn.ts';

/** A person has no more passkeys than this; nobody needs as many. */
const mostPasskeys = 20;

/**
 * Passkeys, in two requests each: the browser is told what to sign, and what it signed is checked. Sign-in with one asks
 * for nothing else and tells nobody who has one.
 */
export function addPasskeyRoutes(app: FastifyInstance, dependencies: SignInDependencies): void {
  addSignInWithPasskey(app, dependencies);
  addOwnPasskeys(app, dependencies);
}

function addSignInWithPasskey(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, now, tries } = dependencies;
  app.post(`${signInPath}/sign-in/passkey-options`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    tries.countOrigin(request, reply);
    const options = await optionsForProof(installation.publicUrl, []);
    const { challenge } = options;
    await inTransaction(db, (trx) =>
      keepChallenge(trx, { challenge, kind: 'passkey-sign-in', personId: null, now: now() }),
    );
    return options;
  });

  app.post(`${signInPath}/sign-in/passkey`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'allow' });
    tries.countOrigin(request, reply);
    const asked = { kind: 'passkey-sign-in', personId: null } as const;
    const personId = await inTransaction(db, (trx) =>
      requirePasskey(trx, installation, memberOf(request, 'passkey'), asked, now()),
    );
    const person = await findPerson(db, personId);
    if (person !== undefined) await requireOwnWay(db, person);
    return openSession(dependencies, request, reply, { personId });
  });
}

function addOwnPasskeys(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, mailer, newId, now } = dependencies;
  const requireProof = ({ provedAt }: SignedIn) => {
    const judged = judgeProof(provedAt, now());
    if (!judged.ok) throw new Refused('step-up-required', judged.detail);
  };

  app.post(`${signInPath}/step-up/passkey-options`, async (request) => {
    const { personId } = await requireSession(request, dependencies);
    const options = await optionsForProof(installation.publicUrl, await listPasskeys(db, personId));
    const { challenge } = options;
    await inTransaction(db, (trx) =>
      keepChallenge(trx, { challenge, kind: 'passkey-step-up', personId, now: now() }),
    );
    return options;
  });

  app.post(`${signInPath}/passkeys/options`, async (request) => {
    const own = await requireSession(request, dependencies);
    requireProof(own);
    const { personId } = own;
    const options = await optionsForNew(installation.publicUrl, own, await listPasskeys(db, personId));
    const { challenge } = options;
    await inTransaction(db, (trx) =>
      keepChallenge(trx, { challenge, kind: 'passkey-add', personId, now: now() }),
    );
    return options;
  });

  app.post(`${signInPath}/passkeys`, async (request, reply) => {
    const own = await requireSession(request, dependencies);
    requireProof(own);
    const { personId } = own;
    const name = textOf(request, 'name', 60).trim();
    if (name === '' || /\p{Cc}/u.test(name)) {
      const detail = 'must be a name without control characters';
      throw new Refused('invalid-request', `body/name: ${detail}.`, {
        errors: [{ pointer: 'body/name', detail }],
      });
    }
    const attestation = readAttestation(memberOf(request, 'passkey'));
    const { challenge } = attestation;
    const passkey = await inTransaction(db, async (trx) => {
      const at = now();
      if (!(await takeChallenge(trx, { challenge, kind: 'passkey-add', personId }, at))) {
        throw new Refused('passkey-refused', 'The passkey was asked for too long ago, or was sent already.');
      }
      const made = await checkAttestation(installation.publicUrl, attestation);
      await lockPerson(trx, personId);
      if ((await listPasskeys(trx, personId)).length >= mostPasskeys) {
        throw new Refused('passkey-refused', `A person has at most ${mostPasskeys} passkeys.`);
      }
      const row = { passkeyId: newId(), name, createdAt: at, lastUsedAt: null };
      if (!(await insertPasskey(trx, { ...made, ...row, personId, now: at }))) {
        throw new Refused('passkey-refused', 'This passkey is known here already.');
      }
      await recordAndTell(trx, dependencies, own, {
        operation: 'addPasskey',
        message: `added the passkey ${name}`,
        change: { what: 'passkey-added', name },
      });
      return passkeyAnswer(row);
    });
    mailer.wake();
    return reply.code(201).send({ passkey });
  });
}

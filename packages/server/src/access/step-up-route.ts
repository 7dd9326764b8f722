import type { FastifyInstance } from 'fastify';
import { inTransaction } from '../database/transaction.ts';
import { Refused } from '../edge/refused.ts';
import { memberOf, textOf } from './library-requests.ts';
import { requirePasskey, requirePassword } from './prove.ts';
import { useCode } from './second-factor-store.ts';
import {
  codeWrong,
  requireSession,
  type SignInDependencies,
  tellOfRecoveryCode,
} from './session-requests.ts';
import { noteProof } from './sessions-store.ts';
import { signInPath } from './sign-in.ts';

const ways = ['password', 'code', 'passkey'] as const;

/**
 * The person of a session proves again who they are: with `password`, `code` or `passkey` (what the browser answered to
 * the options for a step-up). For a quarter of an hour nothing is asked again.
 */
export function addStepUpRoute(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, mailer, now, tries } = dependencies;
  app.post(`${signInPath}/step-up`, async (request, reply) => {
    const own = await requireSession(request, dependencies);
    const { personId, sessionId } = own;
    const given = ways.filter((way) => memberOf(request, way) !== undefined);
    const [way] = given;
    if (way === undefined || given.length > 1) {
      const detail = 'must hold exactly one of password, code and passkey';
      throw new Refused('invalid-request', `body: ${detail}.`, { errors: [{ pointer: 'body', detail }] });
    }
    if (way === 'password') {
      const password = textOf(request, 'password');
      tries.count(reply, 'own-password', personId);
      tries.roomForPassword(reply);
      await requirePassword(db, personId, password);
      tries.clear('own-password', personId);
      await inTransaction(db, (trx) => noteProof(trx, sessionId, now()));
      return {};
    }
    tries.count(reply, 'code', personId);
    await inTransaction(db, async (trx) => {
      if (way === 'passkey') {
        const asked = { kind: 'passkey-step-up', personId } as const;
        await requirePasskey(trx, installation, memberOf(request, 'passkey'), asked, now());
      } else {
        const code = textOf(request, 'code', 32);
        const used = await useCode(trx, installation, { personId, code, now: now() });
        if (used === null) throw codeWrong();
        if (used === 'recovery') await tellOfRecoveryCode(trx, dependencies, own);
      }
      await noteProof(trx, sessionId, now());
    });
    tries.clear('code', personId);
    mailer.wake();
    return {};
  });
}

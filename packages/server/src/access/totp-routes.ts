import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { inTransaction } from '../database/transaction.ts';
import { Refused } from '../edge/refused.ts';
import { textOf } from './library-requests.ts';
import { recordAndTell } from './own-changes.ts';
import { lockPerson } from './people-store.ts';
import { requirePassword } from './prove.ts';
import { newRecoveryCodes } from './recovery-codes.ts';
import {
  confirmTotp,
  removeTotp,
  replaceRecoveryCodes,
  secondFactorOf,
  startTotp,
  useCode,
} from './second-factor-store.ts';
import { codeWrong, requireSession, type SignInDependencies } from './session-requests.ts';
import { type SignedIn, signInPath } from './sign-in.ts';
import { isExemptSomewhere } from './single-sign-on/settings-store.ts';
import { newTotpSecret, totpUri } from './totp.ts';

const notOn = () => new Refused('totp-state', 'Sign-in does not ask this person for codes.');

/**
 * Codes of an authenticator app at sign-in (RFC 6238): begun with the password, turned on with the first code, turned
 * off with password and code. What comes of each is an event of the platform and a mail to the person.
 */
export function addTotpRoutes(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, mailer, now, tries } = dependencies;

  const password = async (request: FastifyRequest, reply: FastifyReply, { personId }: SignedIn) => {
    const given = textOf(request, 'password');
    tries.count(reply, 'own-password', personId);
    tries.roomForPassword(reply);
    await requirePassword(db, personId, given);
    tries.clear('own-password', personId);
  };

  app.post(`${signInPath}/totp/start`, async (request, reply) => {
    const own = await requireSession(request, dependencies);
    const { personId, email } = own;
    await password(request, reply, own);
    const secret = newTotpSecret();
    const started = await inTransaction(db, (trx) =>
      startTotp(trx, installation, { personId, secret, now: now() }),
    );
    if (!started) throw new Refused('totp-state', 'Sign-in asks this person for codes already.');
    return { secret, uri: totpUri(secret, email) };
  });

  app.post(`${signInPath}/totp/confirm`, async (request, reply) => {
    const own = await requireSession(request, dependencies);
    const { personId } = own;
    const code = textOf(request, 'code', 32).replaceAll(/\s/g, '');
    tries.count(reply, 'code', personId);
    const recoveryCodes = newRecoveryCodes();
    await inTransaction(db, async (trx) => {
      const outcome = await confirmTotp(trx, installation, { personId, code, now: now() });
      if (outcome === 'wrong') throw codeWrong();
      if (outcome === 'nothing-started') {
        throw new Refused('totp-state', 'There is no new secret to confirm, or it is more than an hour old.');
      }
      await replaceRecoveryCodes(trx, installation, personId, recoveryCodes);
      await recordAndTell(trx, dependencies, own, {
        operation: 'turnOnTotp',
        message: 'turned codes at sign-in on',
        change: { what: 'codes-on' },
      });
    });
    tries.clear('code', personId);
    mailer.wake();
    return { recoveryCodes };
  });

  app.post(`${signInPath}/totp/recovery-codes`, async (request, reply) => {
    const own = await requireSession(request, dependencies);
    const { personId } = own;
    const code = textOf(request, 'code', 32);
    await password(request, reply, own);
    tries.count(reply, 'code', personId);
    const recoveryCodes = newRecoveryCodes();
    await inTransaction(db, async (trx) => {
      await lockPerson(trx, personId);
      if (!(await secondFactorOf(trx, personId)).isOn) throw notOn();
      if ((await useCode(trx, installation, { personId, code, now: now() })) === null) throw codeWrong();
      await replaceRecoveryCodes(trx, installation, personId, recoveryCodes);
      await recordAndTell(trx, dependencies, own, {
        operation: 'renewRecoveryCodes',
        message: 'made new recovery codes; the earlier ones are void',
        change: { what: 'recovery-codes-renewed' },
      });
    });
    tries.clear('code', personId);
    mailer.wake();
    return { recoveryCodes };
  });

  app.post(`${signInPath}/totp/turn-off`, async (request, reply) => {
    const own = await requireSession(request, dependencies);
    const { personId } = own;
    const code = textOf(request, 'code', 32);
    await password(request, reply, own);
    tries.count(reply, 'code', personId);
    await inTransaction(db, async (trx) => {
      await lockPerson(trx, personId);
      if (!(await secondFactorOf(trx, personId)).isOn) throw notOn();
      if (await isExemptSomewhere(trx, personId)) {
        throw new Refused(
          'break-glass-needed',
          'You get in without your company’s sign-in, which needs codes.',
        );
      }
      if ((await useCode(trx, installation, { personId, code, now: now() })) === null) throw codeWrong();
      await removeTotp(trx, personId);
      await recordAndTell(trx, dependencies, own, {
        operation: 'turnOffTotp',
        message: 'turned codes at sign-in off',
        change: { what: 'codes-off' },
      });
    });
    tries.clear('code', personId);
    mailer.wake();
    return {};
  });
}

import { judgeProof } from '@estover/domain/access';
import { email as emailShape } from '@estover/protocol';
import type { FastifyInstance } from 'fastify';
import type { Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { Refused } from '../edge/refused.ts';
import { countMailsSince, type MailContent, queueMail } from '../notifications/index.ts';
import { confirmMail } from './confirm-mail.ts';
import { textOf } from './library-requests.ts';
import { makeProof, type ProofPurpose, proofEnd } from './mail-proofs-store.ts';
import { recordOwnChange } from './own-changes.ts';
import { findPersonByEmail, isMailProved, mailKey } from './people-store.ts';
import { requireSameOrigin } from './same-origin.ts';
import { requireSession, type SignInDependencies } from './session-requests.ts';
import { signInPath } from './sign-in.ts';
import { requireOwnWay } from './single-sign-on/own-way.ts';

/** Mails of one kind that an address gets in an hour at most, whoever asks for them. */
const mostMailsAnHour = 3;

/**
 * A person's own mail address: proved by a link in a mail, and changed to one that is proved first. Whether another person
 * has the new address is told only to that address.
 */
export function addMailAddressRoutes(app: FastifyInstance, dependencies: SignInDependencies): void {
  const { db, installation, mailer, newId, now, tries } = dependencies;

  const send = async (trx: Trx, to: string, content: MailContent): Promise<void> => {
    const at = now();
    await queueMail(
      { trx, now: at, newId, installation, mailer, afterCommit: () => {} },
      { to, accountId: null, content },
    );
  };
  const hasRoom = async (trx: Trx, recipient: string, kind: MailContent['kind']): Promise<boolean> =>
    (await countMailsSince(trx, { accountId: null, recipient, kind }, now().subtract({ hours: 1 }))) <
    mostMailsAnHour;
  const linkFor = async (
    trx: Trx,
    purpose: Exclude<ProofPurpose, 'identity'>,
    personId: string,
    email: string,
  ) => {
    const at = now();
    const proof = { purpose, personId, email, identity: null, browserHash: null };
    const link = await makeProof(trx, proof, { now: at, publicUrl: installation.publicUrl });
    return { link, until: proofEnd(purpose, at).toString() };
  };

  app.post(`${signInPath}/mail-address/prove`, async (request, reply) => {
    const own = await requireSession(request, dependencies);
    const { personId, email } = own;
    tries.count(reply, 'reset', `prove ${personId}`);
    await inTransaction(db, async (trx) => {
      if (await isMailProved(trx, personId)) {
        throw new Refused('nothing-to-do', `${email} is proved to be yours already.`);
      }
      const { link, until } = await linkFor(trx, 'own', personId, email);
      await send(trx, email, { kind: 'mail-address-proof', isNew: false, link, until });
      await recordOwnChange(trx, dependencies, own, {
        operation: 'proveMailAddress',
        message: 'asked for a mail that proves their address',
      });
    });
    mailer.wake();
    return reply.code(202).send({});
  });

  app.post(`${signInPath}/mail-address`, async (request, reply) => {
    const own = await requireSession(request, dependencies);
    const { personId } = own;
    const judged = judgeProof(own.provedAt, now());
    if (!judged.ok) throw new Refused('step-up-required', judged.detail);
    const given = emailShape.safeParse(textOf(request, 'email', 254));
    if (!given.success) {
      const detail = 'must be a mail address';
      throw new Refused('invalid-request', `body/email: ${detail}.`, {
        errors: [{ pointer: 'body/email', detail }],
      });
    }
    const email = mailKey(given.data);
    // The company would lose sight of somebody it signs in.
    await requireOwnWay(db, own);
    if (email === own.email) throw new Refused('nothing-to-do', `Your address is ${email} already.`);
    tries.count(reply, 'reset', `change ${personId}`);
    await inTransaction(db, async (trx) => {
      // As much is done in both cases, and the same is answered.
      if ((await findPersonByEmail(trx, email)) !== undefined) {
        if (await hasRoom(trx, email, 'mail-address-in-use')) {
          await send(trx, email, {
            kind: 'mail-address-in-use',
            link: `${installation.publicUrl}/sign-in`,
          });
        }
      } else if (await hasRoom(trx, email, 'mail-address-proof')) {
        const { link, until } = await linkFor(trx, 'change', personId, email);
        await send(trx, email, { kind: 'mail-address-proof', isNew: true, link, until });
      }
      await recordOwnChange(trx, dependencies, own, {
        operation: 'askForMailAddress',
        message: `asked to change their mail address to ${email}`,
      });
    });
    mailer.wake();
    return reply.code(202).send({});
  });

  app.post(`${signInPath}/confirm-mail`, async (request, reply) => {
    requireSameOrigin(request, installation.publicUrl, { withoutOrigin: 'refuse' });
    const token = textOf(request, 'token');
    tries.countOrigin(request, reply);
    return confirmMail(dependencies, request, token);
  });
}

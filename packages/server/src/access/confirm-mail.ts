import type { FastifyRequest } from 'fastify';
import type { Trx } from '../database/database.ts';
import { inTransaction, sqlStateOf } from '../database/transaction.ts';
import { Refused } from '../edge/refused.ts';
import { queueMail } from '../notifications/index.ts';
import { endProofsOf, findProof, type MailProof, type ProofPurpose, useProof } from './mail-proofs-store.ts';
import { endLinks, linkInvalid } from './one-time-links-store.ts';
import { recordOwnChange } from './own-changes.ts';
import { findPersonByEmail, lockPerson, mailKey, saveProvedMail } from './people-store.ts';
import type { SignInDependencies } from './session-requests.ts';
import { isMarkedBrowser } from './single-sign-on/browser-binding.ts';
import { linkPerson, makePerson } from './single-sign-on/link-person.ts';
import { FlowStopped } from './single-sign-on/outcome-address.ts';
import { findSetting } from './single-sign-on/settings-store.ts';

/**
 * Does what the link in a mail proves: an address, a change of address, or who somebody is at their company. Nobody is
 * signed in by it.
 *
 * @throws Refused `link-invalid`, `other-browser`
 */
export async function confirmMail(
  dependencies: SignInDependencies,
  request: FastifyRequest,
  token: string,
): Promise<{ proved: ProofPurpose; email: string }> {
  const { db, installation, mailer, now } = dependencies;
  const done = await inTransaction(db, async (trx) => {
    const proof = await findProof(trx, token, now());
    if (proof === undefined) throw linkInvalid();
    // Before it is used up: the link stays good for the browser it belongs to.
    if (
      proof.purpose === 'identity' &&
      !isMarkedBrowser(request, installation.publicUrl, proof.browserHash)
    ) {
      throw new Refused('other-browser', 'Whoever signed in at the company did so in another browser.');
    }
    if (!(await useProof(trx, token, now()))) throw linkInvalid();
    if (proof.purpose === 'identity') await confirmIdentity(trx, dependencies, request, proof);
    else await confirmAddress(trx, dependencies, request, proof);
    return { proved: proof.purpose, email: proof.email };
  }).catch((error: unknown) => {
    // Somebody else has the address since, or the identity: the link has become worthless.
    if (sqlStateOf(error) === '23505' || error instanceof FlowStopped) throw linkInvalid();
    throw error;
  });
  mailer.wake();
  return done;
}

async function confirmAddress(
  trx: Trx,
  dependencies: SignInDependencies,
  request: FastifyRequest,
  { purpose, personId, email }: MailProof,
): Promise<void> {
  const { installation, mailer, newId, now: clock } = dependencies;
  const person = personId === null ? undefined : await lockPerson(trx, personId);
  if (person === undefined) throw linkInvalid();
  const isChange = purpose === 'change';
  if (!isChange && person.email !== email) throw linkInvalid();
  const now = clock();
  await saveProvedMail(trx, { personId: person.personId, email, now });
  // Links in the box of an old address must open nothing any more.
  await endProofsOf(trx, person.personId);
  if (isChange) {
    await endLinks(trx, 'password-reset', person.personId);
    await endLinks(trx, 'invitation', person.personId);
    await queueMail(
      { trx, now, newId, installation, mailer, afterCommit: () => {} },
      {
        to: person.email,
        accountId: null,
        content: {
          kind: 'mail-address-changed',
          newAddress: email,
          at: now.toString(),
          link: `${installation.publicUrl}/sign-in`,
        },
      },
    );
  }
  await recordOwnChange(
    trx,
    dependencies,
    { person: { ...person, email }, from: request.ip, requestId: request.id },
    {
      operation: 'confirmMailAddress',
      message: isChange
        ? `changed their mail address from ${person.email} to ${email}, which is proved`
        : `proved that ${email} is theirs`,
    },
  );
}

async function confirmIdentity(
  trx: Trx,
  dependencies: SignInDependencies,
  request: FastifyRequest,
  { personId, email, identity }: MailProof,
): Promise<void> {
  if (identity === null) throw linkInvalid();
  const { accountId, mailDomainId, domain, name } = identity;
  const setting = await findSetting(trx, accountId, mailDomainId);
  if (setting === undefined || !setting.isOn || setting.domain !== domain) throw linkInvalid();
  const where = { from: request.ip, requestId: request.id };
  const found = personId ?? (await findPersonByEmail(trx, email))?.personId;
  if (found === undefined) {
    await makePerson(trx, dependencies, setting, { ...where, key: identity, email, name });
    return;
  }
  const person = await lockPerson(trx, found);
  if (person === undefined || person.email !== mailKey(email)) throw linkInvalid();
  await linkPerson(trx, dependencies, person, { ...where, key: identity, domain, provesMail: true });
}

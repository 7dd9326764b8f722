import { decideEntry } from '@estover/domain/access';
import { mailDomainOf, normalizeMailAddress } from '@estover/domain/accounts';
import { recordEvents } from '../../audit/record-event.ts';
import type { Trx } from '../../database/database.ts';
import { inTransaction } from '../../database/transaction.ts';
import { systemActor } from '../../edge/context.ts';
import { countMailsSince, queueMail } from '../../notifications/index.ts';
import { makeProof, proofEnd } from '../mail-proofs-store.ts';
import type { PasswordDependencies } from '../password-reset.ts';
import { findPersonByEmail, lockPerson } from '../people-store.ts';
import { noteProof } from '../sessions-store.ts';
import type { Flow, Said } from './flows-store.ts';
import { type IdentityKey, lockIdentity, noteIdentityUse, standingOf } from './identities-store.ts';
import { type From, linkPerson, makePerson } from './link-person.ts';
import { FlowStopped } from './outcome-address.ts';
import { noteTest, type Setting } from './settings-store.ts';

interface Finish {
  flow: Flow;
  setting: Setting;
  said: Said;
  where: From;
}

/**
 * What comes of somebody who came back from their company's sign-in. Answers the person to open a session for; null where
 * none is opened.
 *
 * @throws FlowStopped with what is told to them
 */
export async function finishFlow(dependencies: PasswordDependencies, finish: Finish): Promise<string | null> {
  const { db, mailer } = dependencies;
  const outcome = await inTransaction(db, (trx) => {
    switch (finish.flow.purpose) {
      case 'sign-in':
        return enter(trx, dependencies, finish);
      case 'link':
        return link(trx, dependencies, finish);
      case 'step-up':
        return stepUp(trx, dependencies, finish);
      case 'test':
        return test(trx, dependencies, finish);
    }
  });
  mailer.wake();
  if (outcome === 'mail-sent') throw new FlowStopped('mail-sent');
  return outcome?.personId ?? null;
}

type Outcome = { personId: string } | 'mail-sent' | null;

const keyOf = ({ setting: { accountId, mailDomainId }, said }: Finish): IdentityKey => ({
  accountId,
  mailDomainId,
  issuer: said.issuer,
  subject: said.subject,
});

const domainOf = (email: string): string => mailDomainOf(normalizeMailAddress(email));

/** Decision 0016: who they are here. */
async function enter(trx: Trx, dependencies: PasswordDependencies, finish: Finish): Promise<Outcome> {
  const { setting, said, where } = finish;
  const key = keyOf(finish);
  const linked = await lockIdentity(trx, key);
  const byMail =
    linked !== undefined || said.email === null ? undefined : await findPersonByEmail(trx, said.email);
  const decision = decideEntry({
    domain: setting.domain,
    said,
    linked: linked === undefined ? null : { personId: linked.personId, mailDomain: domainOf(linked.email) },
    byMail:
      byMail === undefined
        ? null
        : { personId: byMail.personId, ...(await standingOf(trx, byMail.personId)) },
    managesPeople: setting.managesPeople,
    makesPeople: setting.groupId !== null,
  });
  // Told as if a mail was on its way: who is here is nobody's business who is not.
  if (!decision.ok) throw new FlowStopped(decision.code === 'nobody' ? 'mail-sent' : decision.code);
  const entry = decision.value;
  const email = said.email ?? '';
  switch (entry.kind) {
    case 'enter':
      if (linked !== undefined) await noteIdentityUse(trx, linked.identityId, dependencies.now());
      return { personId: entry.personId };
    case 'link': {
      const person = await lockPerson(trx, entry.personId);
      if (person === undefined) throw new FlowStopped('ended');
      await linkPerson(trx, dependencies, person, {
        ...where,
        key,
        domain: setting.domain,
        provesMail: true,
      });
      return { personId: person.personId };
    }
    case 'make':
      return {
        personId: await makePerson(trx, dependencies, setting, { ...where, key, email, name: said.name }),
      };
    case 'ask-by-mail':
      await askByMail(trx, dependencies, finish, { personId: entry.personId, email });
      return 'mail-sent';
  }
}

/** Somebody who cannot find a mail signs in again; more than a few would fill a box. */
const mostMailsAnHour = 3;

async function askByMail(
  trx: Trx,
  { now: clock, newId, installation, mailer }: PasswordDependencies,
  finish: Finish,
  to: { personId: string | null; email: string },
): Promise<void> {
  const { flow, setting, said, where } = finish;
  const now = clock();
  const earlier = { accountId: null, recipient: to.email, kind: 'identity-proof' };
  if ((await countMailsSince(trx, earlier, now.subtract({ hours: 1 }))) >= mostMailsAnHour) return;
  const identity = { ...keyOf(finish), domain: setting.domain, name: said.name };
  const link = await makeProof(
    trx,
    { purpose: 'identity', ...to, identity, browserHash: flow.browserHash },
    { now, publicUrl: installation.publicUrl },
  );
  const until = proofEnd('identity', now).toString();
  await queueMail(
    { trx, now, newId, installation, mailer, afterCommit: () => {} },
    {
      to: to.email,
      accountId: null,
      content: { kind: 'identity-proof', domain: setting.domain, link, until },
    },
  );
  await recordEvents(trx, [
    {
      accountId: setting.accountId,
      eventId: newId(),
      at: now,
      actor: systemActor,
      operation: 'askForIdentity',
      objectKind: 'mail-domain',
      objectId: setting.mailDomainId,
      message: `asked ${to.email} by mail whether a sign-in at ${setting.domain} was theirs`,
      from: where.from,
      requestId: where.requestId,
    },
  ]);
}

/** The person of the session says that they are this one at their company. */
async function link(trx: Trx, dependencies: PasswordDependencies, finish: Finish): Promise<Outcome> {
  const { flow, setting, where } = finish;
  const key = keyOf(finish);
  const person = flow.personId === null ? undefined : await lockPerson(trx, flow.personId);
  if (person === undefined) throw new FlowStopped('ended');
  if (domainOf(person.email) !== setting.domain) throw new FlowStopped('address-elsewhere');
  const linked = await lockIdentity(trx, key);
  if (linked?.personId === person.personId) return null;
  if (linked !== undefined) throw new FlowStopped('linked-elsewhere');
  await linkPerson(trx, dependencies, person, { ...where, key, domain: setting.domain, provesMail: false });
  return null;
}

/** A clock of others may be so far behind. */
const toleranceSeconds = 60;

/** The person of the session has signed in at their company again, just now. */
async function stepUp(trx: Trx, { now }: PasswordDependencies, finish: Finish): Promise<Outcome> {
  const { flow, setting, said } = finish;
  const linked = await lockIdentity(trx, keyOf(finish));
  const earliest = flow.createdAt.subtract({ seconds: toleranceSeconds });
  const isProved =
    linked !== undefined &&
    linked.personId === flow.personId &&
    domainOf(linked.email) === setting.domain &&
    said.authenticatedAt !== null &&
    Temporal.Instant.compare(Temporal.Instant.from(said.authenticatedAt), earliest) >= 0;
  if (!isProved || flow.sessionId === null) throw new FlowStopped('not-proved');
  await noteProof(trx, flow.sessionId, now());
  return null;
}

/** An administrator has signed in at the provider that is set: it works. Nobody is linked, and no session opened. */
async function test(trx: Trx, { now: clock, newId }: PasswordDependencies, finish: Finish): Promise<Outcome> {
  const { flow, setting, said, where } = finish;
  if (said.email === null) throw new FlowStopped('address-missing');
  if (domainOf(said.email) !== setting.domain) throw new FlowStopped('address-elsewhere');
  const now = clock();
  const person = flow.personId === null ? undefined : await lockPerson(trx, flow.personId);
  if (person === undefined || !(await noteTest(trx, setting, now))) throw new FlowStopped('ended');
  await recordEvents(trx, [
    {
      accountId: setting.accountId,
      eventId: newId(),
      at: now,
      actor: {
        kind: 'person',
        id: person.personId,
        name: person.name,
        email: person.email,
        platformRoles: [],
      },
      operation: 'finishSingleSignOnTest',
      objectKind: 'mail-domain',
      objectId: setting.mailDomainId,
      message: `tested single sign-on of ${setting.domain}, and it works`,
      after: { issuer: said.issuer, email: said.email, emailVerified: said.emailVerified },
      from: where.from,
      requestId: where.requestId,
    },
  ]);
  return null;
}

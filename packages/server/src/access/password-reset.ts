import { recordEvents } from '../audit/record-event.ts';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { type Context, systemActor } from '../edge/context.ts';
import { countMailsSince, queueMail } from '../notifications/index.ts';
import { hashJudged } from './judged-password.ts';
import { endLinks, expiryOf, linkInvalid, makeLink, personOfLink, useLink } from './one-time-links-store.ts';
import { choosePassword, findPersonByEmail, lockPerson, mailKey } from './people-store.ts';

/** What passwords need outside of an operation. */
export type PasswordDependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

/**
 * Notes that somebody asked for a new password for a mail address. Whether anybody has it is looked up later: what is
 * done here, and how long it takes, is the same for every address.
 */
export async function notePasswordReset(dependencies: PasswordDependencies, email: string): Promise<void> {
  const { db, newId, now } = dependencies;
  await db
    .insertInto('password_reset_requests')
    .values({ request_id: newId(), email: mailKey(email), created_at: now() })
    .execute();
}

/** Sends links to those people among the noted addresses. Returns how many; several servers share the work. */
export async function sendPasswordResets(dependencies: PasswordDependencies): Promise<number> {
  const { db, mailer } = dependencies;
  let sent = 0;
  for (;;) {
    const done = await inTransaction(db, (trx) => answerOneRequest(trx, dependencies));
    if (done === 'none-left') break;
    if (done === 'sent') sent += 1;
  }
  if (sent > 0) mailer.wake();
  return sent;
}

const mostMailsAnHour = 3;

async function answerOneRequest(
  trx: Trx,
  { installation, mailer, newId, now: clock }: PasswordDependencies,
): Promise<'sent' | 'nobody' | 'none-left'> {
  const request = await trx
    .selectFrom('password_reset_requests')
    .select(['request_id as requestId', 'email'])
    .orderBy('request_id')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (request === undefined) return 'none-left';
  await trx.deleteFrom('password_reset_requests').where('request_id', '=', request.requestId).execute();
  const person = await findPersonByEmail(trx, request.email);
  // Who was invited and has no password yet asks those who invited them.
  if (person === undefined || !person.hasPassword) return 'nobody';
  const now = clock();
  // Anybody may ask for others: a few mails an hour are what a person needs, and more would fill their box.
  const earlier = { accountId: null, recipient: person.email, kind: 'password-reset' };
  if ((await countMailsSince(trx, earlier, now.subtract({ hours: 1 }))) >= mostMailsAnHour) return 'nobody';
  const link = await makeLink(trx, {
    kind: 'password-reset',
    personId: person.personId,
    accountId: null,
    linkId: newId(),
    now,
    publicUrl: installation.publicUrl,
  });
  // The caller wakes the mailer when all are done.
  const context = { trx, now, newId, installation, mailer, afterCommit: () => {} };
  const content = {
    kind: 'password-reset',
    link,
    until: expiryOf('password-reset', now).toString(),
  } as const;
  await queueMail(context, { to: person.email, accountId: null, content });
  await recordEvents(trx, [
    {
      accountId: null,
      eventId: newId(),
      at: now,
      actor: systemActor,
      operation: 'sendPasswordReset',
      objectKind: 'person',
      objectId: person.personId,
      message: `sent ${person.email} a link for a new password, as somebody asked`,
      from: null,
      requestId: null,
    },
  ]);
  return 'sent';
}

/** Lets a person know that their password was changed. The caller wakes the mailer after the commit. */
export async function tellOfPassword(
  trx: Trx,
  { installation, mailer, newId, now: clock }: Omit<PasswordDependencies, 'db'>,
  email: string,
): Promise<void> {
  const now = clock();
  const content = {
    kind: 'password-changed',
    at: now.toString(),
    link: `${installation.publicUrl}/sign-in`,
  } as const;
  const context = { trx, now, newId, installation, mailer, afterCommit: () => {} };
  await queueMail(context, { to: email, accountId: null, content });
}

/**
 * Chooses a new password with the link. All sessions of the person end, and they hear of it by mail.
 *
 * @throws Refused `link-invalid`, `password-weak`
 */
export async function resetPassword(
  dependencies: PasswordDependencies & Pick<Context, 'breachedPasswords'>,
  given: { token: string; password: string; from: string; requestId: string },
): Promise<{ email: string }> {
  const { db, mailer, newId, now: clock } = dependencies;
  const email = await inTransaction(db, async (trx) => {
    const now = clock();
    // The person first: two who use two links of one person would otherwise wait for each other.
    const personId = await personOfLink(trx, 'password-reset', given.token);
    const person = personId === null ? undefined : await lockPerson(trx, personId);
    const link = await useLink(trx, 'password-reset', given.token, now);
    if (person === undefined || link === undefined) throw linkInvalid();
    const { name } = person;
    const passwordHash = await hashJudged(given.password, person, dependencies.breachedPasswords);
    await choosePassword(trx, { ...person, passwordHash, newId: newId(), now });
    await endLinks(trx, 'password-reset', person.personId);
    await tellOfPassword(trx, dependencies, person.email);
    await recordEvents(trx, [
      {
        accountId: null,
        eventId: newId(),
        at: now,
        actor: { kind: 'person', id: person.personId, name, email: person.email, platformRoles: [] },
        operation: 'resetPassword',
        objectKind: 'person',
        objectId: person.personId,
        message: 'chose a new password with a link sent by mail; all sessions ended',
        from: given.from,
        requestId: given.requestId,
      },
    ]);
    return person.email;
  });
  mailer.wake();
  return { email };
}

import { acceptInvitation, getSetup, setUp } from '@estover/protocol';
import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { command, type Handler, view } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { hashJudged } from './judged-password.ts';
import { linkInvalid, makeLink, refusedInvitation, useLink } from './one-time-links-store.ts';
import { choosePassword, ensurePerson, lockPerson } from './people-store.ts';

/** Whether no person is operator yet. An operator's API key alone leaves the set-up open. */
async function needsSetUp(trx: Pick<Trx, 'selectFrom'>): Promise<boolean> {
  const operator = await trx
    .selectFrom('platform_grants')
    .select('person_id')
    .where('role', '=', 'operator')
    .limit(1)
    .executeTakeFirst();
  return operator === undefined;
}

/** Only one set-up at a time, over all servers of the installation. */
const lockSetUp = (trx: Trx) => sql`select pg_advisory_xact_lock(hashtext('estover set-up'))`.execute(trx);

/**
 * Makes the one-time link with which the first operator is made, or answers null when there is one. For every start of
 * a server while it is needed: a link of an earlier start ends, because nobody may remember where it was printed.
 */
export async function createSetupLink(
  db: Database,
  given: { now: Temporal.Instant; newId(): string; publicUrl: string },
): Promise<string | null> {
  return inTransaction(db, async (trx) => {
    await lockSetUp(trx);
    if (!(await needsSetUp(trx))) return null;
    return makeLink(trx, {
      kind: 'set-up',
      personId: null,
      accountId: null,
      linkId: given.newId(),
      now: given.now,
      publicUrl: given.publicUrl,
    });
  });
}

export const setUpHandlers: readonly Handler[] = [
  view(getSetup, async ({ trx, installation, mailer }) => ({
    needed: await needsSetUp(trx),
    version: installation.version,
    sendsMail: mailer.isConfigured,
  })),

  command(setUp, async ({ trx, now, newId, breachedPasswords }, { body }) => {
    await lockSetUp(trx);
    if (!(await needsSetUp(trx))) throw new Refused('setup-done', 'There is an operator already.');
    if ((await useLink(trx, 'set-up', body.token, now)) === undefined) throw linkInvalid();
    const passwordHash = await hashJudged(body.password, body, breachedPasswords);
    const { personId, email } = await ensurePerson(trx, { ...body, personId: newId(), now });
    // Nobody has sent a mail yet that could prove the address.
    const chosen = { personId, name: body.name, passwordHash, newId: newId(), now };
    await choosePassword(trx, { ...chosen, provesMail: false });
    await trx
      .insertInto('platform_grants')
      .values({ person_id: personId, role: 'operator', granted_at: now, granted_by: null, until: null })
      .execute();
    return {
      answer: { personId, email },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: personId,
        message: `set the installation up with ${email} as its first operator`,
        after: { personId, name: body.name, email, platformRoles: ['operator'] },
      },
    };
  }),

  command(acceptInvitation, async ({ trx, now, newId, breachedPasswords }, { body }) => {
    const link = await useLink(trx, 'invitation', body.token, now);
    if (link === undefined) throw await refusedInvitation(trx, body.token);
    if (link.personId === null) throw linkInvalid();
    const person = await lockPerson(trx, link.personId);
    if (person === undefined) throw linkInvalid();
    if (person.hasPassword) throw new Refused('person-exists', `${person.email} has a password already.`);
    const { personId, email } = person;
    const passwordHash = await hashJudged(body.password, { email, name: body.name }, breachedPasswords);
    await choosePassword(trx, { personId, name: body.name, passwordHash, newId: newId(), now });
    return {
      answer: { personId, email },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: personId,
        message: `${email} accepted their invitation and chose a password`,
        before: { name: person.name, status: 'invited' },
        after: { name: body.name, status: 'active' },
      },
    };
  }),
];

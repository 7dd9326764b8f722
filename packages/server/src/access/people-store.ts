import { normalizeMailAddress } from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { endChallengesOf } from './challenges-store.ts';

export interface PersonRow {
  personId: string;
  name: string;
  email: string;
  /** Whether they can sign in already, in any of the ways of `canSignIn`; until then the person is only invited. */
  hasPassword: boolean;
}

/** Mail addresses are compared and kept in their one form: small letters, and `xn--…` for domains with other letters. */
export const mailKey = (email: string): string => normalizeMailAddress(email).toLowerCase();

/** Kind of a sign-in by password in `sign_in_accounts`, as the sign-in library names it. */
export const passwordProvider = 'credential';

/**
 * Whether somebody can sign in, by a password, a passkey or at their company; `personId` is the column with their id. Whoever
 * cannot is only invited. Mails that want something done go to those who can.
 */
export const canSignIn = (personId: string) => sql<boolean>`(exists (select 1 from sign_in_accounts s
  where s.person_id = ${sql.ref(personId)} and s.provider_id = ${passwordProvider} and s.password is not null)
  or exists (select 1 from passkeys k where k.person_id = ${sql.ref(personId)})
  or exists (select 1 from identities i where i.person_id = ${sql.ref(personId)}))`;

const hasPassword = canSignIn('people.id');

const personsByEmail = (trx: Trx, email: string) =>
  trx
    .selectFrom('people')
    .select(['id as personId', 'name', 'email', hasPassword.as('hasPassword')])
    .where('email', '=', mailKey(email));

export const findPersonByEmail = (trx: Trx, email: string): Promise<PersonRow | undefined> =>
  personsByEmail(trx, email).executeTakeFirst();

/** The person with this id. */
export async function findPerson(
  db: Pick<Trx, 'selectFrom'>,
  personId: string,
): Promise<{ personId: string; name: string; email: string } | undefined> {
  return db
    .selectFrom('people')
    .select(['id as personId', 'name', 'email'])
    .where('id', '=', personId)
    .executeTakeFirst();
}

/** The hash of a person's password; undefined for somebody who is only invited. */
export async function passwordHashOf(
  db: Pick<Trx, 'selectFrom'>,
  personId: string,
): Promise<string | undefined> {
  const found = await db
    .selectFrom('sign_in_accounts')
    .select('password')
    .where('person_id', '=', personId)
    .where('provider_id', '=', passwordProvider)
    .executeTakeFirst();
  return found?.password ?? undefined;
}

/** Takes the person's row for the rest of the transaction, so that a password is chosen only once. */
export async function lockPerson(trx: Trx, personId: string): Promise<PersonRow | undefined> {
  return trx
    .selectFrom('people')
    .select(['id as personId', 'name', 'email', hasPassword.as('hasPassword')])
    .where('id', '=', personId)
    .forUpdate()
    .executeTakeFirst();
}

/** The person with this mail address, made if there is none. Two servers that do it at once agree on one person. */
export async function ensurePerson(
  trx: Trx,
  person: { personId: string; name: string; email: string; now: Temporal.Instant },
): Promise<PersonRow> {
  for (;;) {
    await trx
      .insertInto('people')
      .values({
        id: person.personId,
        name: person.name,
        email: mailKey(person.email),
        email_verified: false,
        image: null,
        created_at: person.now,
        updated_at: person.now,
      })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .execute();
    // Held, so that they are not removed around what they are given, and that of two who invite them at once the second
    // sees what the first has given; who is removed at this moment is made anew.
    const found = await personsByEmail(trx, person.email).forNoKeyUpdate().executeTakeFirst();
    if (found !== undefined) return found;
  }
}

/** Who has this mail address and a password, with its hash, which is never told. */
export async function passwordByEmail(
  db: Pick<Trx, 'selectFrom'>,
  email: string,
): Promise<{ personId: string; passwordHash: string } | undefined> {
  const row = await db
    .selectFrom('sign_in_accounts as s')
    .innerJoin('people as p', 'p.id', 's.person_id')
    .select(['p.id as personId', 's.password as passwordHash'])
    .where('p.email', '=', mailKey(email))
    .where('s.provider_id', '=', passwordProvider)
    .executeTakeFirst();
  const { personId, passwordHash = null } = row ?? {};
  return personId === undefined || passwordHash === null ? undefined : { personId, passwordHash };
}

/**
 * Gives a person the name and the password they chose, in place of any other; sessions of before end. `passwordHash` is
 * argon2id in PHC form. They came by a link that was sent to their address, which proves it, unless `provesMail` is false.
 */
export async function choosePassword(
  trx: Trx,
  choice: {
    personId: string;
    name: string;
    passwordHash: string;
    newId: string;
    now: Temporal.Instant;
    provesMail?: boolean;
  },
): Promise<void> {
  await trx
    .updateTable('people')
    .set({
      name: choice.name,
      updated_at: choice.now,
      ...(choice.provesMail !== false && { email_verified: true }),
    })
    .where('id', '=', choice.personId)
    .execute();
  await trx.deleteFrom('sessions').where('person_id', '=', choice.personId).execute();
  await endChallengesOf(trx, choice.personId);
  await trx
    .deleteFrom('sign_in_accounts')
    .where('person_id', '=', choice.personId)
    .where('provider_id', '=', passwordProvider)
    .execute();
  await trx
    .insertInto('sign_in_accounts')
    .values({
      id: choice.newId,
      person_id: choice.personId,
      account_id: choice.personId,
      provider_id: passwordProvider,
      access_token: null,
      refresh_token: null,
      id_token: null,
      access_token_expires_at: null,
      refresh_token_expires_at: null,
      scope: null,
      password: choice.passwordHash,
      created_at: choice.now,
      updated_at: choice.now,
    })
    .execute();
}

/** Takes a person's password away, and ends what was begun with it: all their sessions, and half-done sign-ins. */
export async function dropPassword(trx: Trx, personId: string): Promise<void> {
  await trx
    .deleteFrom('sign_in_accounts')
    .where('person_id', '=', personId)
    .where('provider_id', '=', passwordProvider)
    .execute();
  await trx.deleteFrom('sessions').where('person_id', '=', personId).execute();
  await endChallengesOf(trx, personId);
}

/** Whether a mail has proved that a person's address is theirs. */
export async function isMailProved(db: Pick<Trx, 'selectFrom'>, personId: string): Promise<boolean> {
  const row = await db
    .selectFrom('people')
    .select('email_verified as isProved')
    .where('id', '=', personId)
    .executeTakeFirst();
  return row?.isProved ?? false;
}

/** Notes that a person's mail address, perhaps a new one, is proved to be theirs. */
export async function saveProvedMail(
  trx: Trx,
  { personId, email, now }: { personId: string; email: string; now: Temporal.Instant },
): Promise<void> {
  await trx
    .updateTable('people')
    .set({ email: mailKey(email), email_verified: true, updated_at: now })
    .where('id', '=', personId)
    .execute();
}

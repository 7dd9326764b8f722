import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { hashJudged } from './judged-password.ts';
import {
  choosePassword,
  ensurePerson,
  findPersonByEmail,
  lockPerson,
  type PersonRow,
} from './people-store.ts';

/** Whether somebody with this mail address has no password here yet. */
export async function choosesPassword({ trx }: Pick<Context, 'trx'>, email: string): Promise<boolean> {
  return (await findPersonByEmail(trx, email))?.hasPassword !== true;
}

/**
 * The person with a mail address, for whoever came with a link that was sent to it: with the name and the password they
 * choose now, or as the person who has a password already.
 *
 * @throws Refused `password-needed`, `person-exists`, `password-weak`
 */
export async function admitByMail(
  { trx, now, newId, breachedPasswords }: Context,
  email: string,
  chosen: { name: string; password: string } | undefined,
): Promise<PersonRow> {
  const { personId } = await ensurePerson(trx, {
    personId: newId(),
    name: chosen?.name ?? email,
    email,
    now,
  });
  const person = await lockPerson(trx, personId);
  if (person === undefined) throw new Error('the person was just there');
  if (person.hasPassword) {
    if (chosen === undefined) return person;
    throw new Refused('person-exists', `${person.email} has a password already; it stays as it is.`);
  }
  if (chosen === undefined) throw new Refused('password-needed', `${person.email} has no password yet.`);
  const { name, password } = chosen;
  const passwordHash = await hashJudged(password, { email: person.email, name }, breachedPasswords);
  await choosePassword(trx, { personId, name, passwordHash, newId: newId(), now });
  return { ...person, name, hasPassword: true };
}

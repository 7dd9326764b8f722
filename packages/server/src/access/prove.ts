import type { Trx } from '../database/database.ts';
import { Refused } from '../edge/refused.ts';
import type { Installation } from '../installation/index.ts';
import { takeChallenge } from './challenges-store.ts';
import { lockCredential, notePasskeyUse } from './passkeys-store.ts';
import { hashOfNobody, verifyPassword } from './password-hash.ts';
import { passwordByEmail, passwordHashOf } from './people-store.ts';
import { checkAssertion, readAssertion } from './webauthn.ts';

/**
 * Sees that a password is the person's. Answers its hash, by which it is known whether it was changed since.
 *
 * @throws Refused `password-wrong`
 */
export async function requirePassword(
  db: Pick<Trx, 'selectFrom'>,
  personId: string,
  password: string,
): Promise<string> {
  const hash = await passwordHashOf(db, personId);
  if (hash !== undefined && (await verifyPassword({ hash, password }))) return hash;
  throw new Refused('password-wrong', 'It is not the password of this person.');
}

/**
 * Whose password it is, of whoever has the mail address. For an address that nobody has as much is done as for a wrong
 * password: one look-up and one hash.
 *
 * @throws Refused `sign-in-failed`, the same for everybody
 */
export async function requirePasswordAt(
  db: Pick<Trx, 'selectFrom'>,
  email: string,
  password: string,
): Promise<{ personId: string; passwordHash: string }> {
  const found = await passwordByEmail(db, email);
  const isRight = await verifyPassword({ hash: found?.passwordHash ?? hashOfNobody, password });
  if (found !== undefined && isRight) return found;
  throw new Refused('sign-in-failed', 'There is nobody with this mail address and password.');
}

/**
 * Sees that a passkey has signed what it was asked to, once. Answers whose it is.
 *
 * @throws Refused `passkey-refused`, the same for a passkey that nobody has
 */
export async function requirePasskey(
  trx: Trx,
  { publicUrl }: Pick<Installation, 'publicUrl'>,
  given: unknown,
  asked: { kind: 'passkey-sign-in' | 'passkey-step-up'; personId: string | null },
  now: Temporal.Instant,
): Promise<string> {
  const assertion = readAssertion(given);
  const refused = () =>
    new Refused('passkey-refused', 'The passkey is not known here, or was asked too long ago.');
  if (!(await takeChallenge(trx, { ...asked, challenge: assertion.challenge }, now))) throw refused();
  const credential = await lockCredential(trx, assertion.id);
  if (credential === undefined) throw refused();
  if (asked.personId !== null && asked.personId !== credential.personId) throw refused();
  const counter = await checkAssertion(publicUrl, assertion, credential);
  await notePasskeyUse(trx, credential.passkeyId, { counter, now });
  return credential.personId;
}

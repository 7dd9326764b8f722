import { judgePassword, keptPassword } from '@estover/domain/access';
import { Refused } from '../edge/refused.ts';
import type { BreachedPasswords } from './breached-passwords.ts';
import { hashPassword } from './password-hash.ts';

/**
 * Sees that a password is good enough to be chosen, and not on the list of breached ones.
 *
 * @throws Refused `password-weak`
 */
export async function requireGoodPassword(
  password: string,
  person: { email: string; name: string },
  breachedPasswords: BreachedPasswords,
): Promise<void> {
  const judged = judgePassword(password, person);
  if (!judged.ok) throw new Refused('password-weak', judged.detail);
  if (await breachedPasswords.has(keptPassword(password))) {
    throw new Refused('password-weak', 'It is known from a break-in elsewhere, so it is tried first.');
  }
}

/**
 * The hash of a password that is good enough.
 *
 * @throws Refused `password-weak`
 */
export async function hashJudged(
  password: string,
  person: { email: string; name: string },
  breachedPasswords: BreachedPasswords,
): Promise<string> {
  await requireGoodPassword(password, person, breachedPasswords);
  return hashPassword(password);
}

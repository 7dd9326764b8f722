import { judgePassword } from '@estover/domain/access';
import { Refused } from '../edge/refused.ts';
import { hashPassword } from './password-hash.ts';

/**
 * Sees that a password is good enough to be chosen.
 *
 * @throws Refused `password-weak`
 */
export async function requireGoodPassword(
  password: string,
  person: { email: string; name: string },
): Promise<void> {
  const judged = judgePassword(password, person);
  if (!judged.ok) throw new Refused('password-weak', judged.detail);
}

/**
 * The hash of a password that is good enough.
 *
 * @throws Refused `password-weak`
 */
export async function hashJudged(password: string, person: { email: string; name: string }): Promise<string> {
  await requireGoodPassword(password, person);
  return hashPassword(password);
}

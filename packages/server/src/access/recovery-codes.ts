import { createHmac, randomBytes } from 'node:crypto';
import { base32 } from '@better-auth/utils/base32';
import type { Seal } from '../installation/index.ts';

/** How many codes a person gets at once. */
export const recoveryCodeCount = 10;
const length = 10;

/** New codes such as `k3mwq-7xtbd`, 50 random bits each. They are shown once. */
export function newRecoveryCodes(): string[] {
  const codes = new Set<string>();
  while (codes.size < recoveryCodeCount) {
    const word = base32.encode(randomBytes(7), { padding: false }).toLowerCase().slice(0, length);
    codes.add(`${word.slice(0, 5)}-${word.slice(5)}`);
  }
  return [...codes];
}

/**
 * What is kept of a code. 50 bits are too few for a plain hash, so the key lies outside the database. Null for what
 * cannot be a code; blanks, marks and large letters make no difference.
 */
export function hashRecoveryCode(seal: Pick<Seal, 'derive'>, personId: string, code: string): Buffer | null {
  const word = code.toLowerCase().replaceAll(/[\s-]/g, '');
  if (!/^[a-z2-7]{10}$/.test(word)) return null;
  return createHmac('sha256', seal.derive('recovery-codes')).update(`${personId}:${word}`).digest();
}

/** Digits and letters that nobody mistakes for each other (Crockford's base 32). */
const signs = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The shortest code; a longer one is taken where somebody has it already. */
export const shortestCode = 4;
export const longestCode = 16;

/**
 * What a removed person is called from now on, from a hash of their id: the same each time, also when the removal is done
 * again after a restore.
 *
 * @param digest at least as many bytes as signs are wanted
 */
export function pseudonymOf(digest: Uint8Array, length: number): string {
  const code = [...digest.slice(0, length)].map((byte) => signs[byte % signs.length]).join('');
  return `Removed person ${code}`;
}

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** Passwords that are known from break-ins elsewhere, so that they are tried first. */
export interface BreachedPasswords {
  has(password: string): Promise<boolean>;
}

/** Where there is no list, nothing is on it. */
export const noBreachedPasswords: BreachedPasswords = { has: async () => false };

/** Longer than any line of such a list: 40 digits, a colon, a count, a line's end. */
const lineBytes = 128;

/**
 * A list as such lists are published: a line `HASH:COUNT` for each password, `HASH` the SHA-1 in hexadecimal,
 * sorted. It may have a billion lines: a password is found by halving the file, in some 35 reads of a line each, and
 * nothing of it is kept in memory. Lines of bare hashes do as well, and hashes cut to their beginning (at least 10
 * digits, all of one length), which make the file smaller. Nothing is sent anywhere.
 *
 * The file is opened for each look-up, so that it can be replaced by a newer one while the server runs.
 */
export function breachedPasswordsIn(path: string): BreachedPasswords {
  return {
    async has(password) {
      const hash = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase();
      const file = await open(path, 'r');
      try {
        return await isIn(file, hash);
      } finally {
        await file.close();
      }
    },
  };
}

async function isIn(file: FileHandle, hash: string): Promise<boolean> {
  let from = 0;
  // A line that begins at `to` or after is known to be beyond the hash.
  let to = (await file.stat()).size;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const line = await lineFrom(file, middle, from);
    if (line === null || line.begin >= to) {
      // Nothing begins between the middle and `to`.
      to = middle;
      continue;
    }
    const order = compare(hash, line.hash);
    if (order === 0) return true;
    if (order < 0) to = middle;
    else from = line.end;
  }
  return false;
}

/** The first line that begins at `position` or after; `start` is where some line is known to begin. */
async function lineFrom(
  file: FileHandle,
  position: number,
  start: number,
): Promise<{ begin: number; end: number; hash: string } | null> {
  // One byte earlier, to see whether a line begins exactly here.
  const first = position === start ? position : position - 1;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2 * lineBytes), 0, 2 * lineBytes, first);
  const text = buffer.toString('latin1', 0, bytesRead);
  const skipped = position === start ? 0 : text.indexOf('\n') + 1;
  if (position !== start && skipped === 0) return null;
  const ending = text.indexOf('\n', skipped);
  const line = text.slice(skipped, ending === -1 ? undefined : ending).trimEnd();
  if (line === '') return null;
  const hash = (line.split(':')[0] ?? '').toUpperCase();
  if (!/^[0-9A-F]{10,40}$/.test(hash)) {
    throw new Error(`the list of breached passwords has no hash at byte ${first + skipped}`);
  }
  return { begin: first + skipped, end: first + (ending === -1 ? bytesRead : ending + 1), hash };
}

/** Order of a whole hash and one that may be cut short. */
function compare(hash: string, listed: string): number {
  const beginning = hash.slice(0, listed.length);
  return beginning === listed ? 0 : beginning < listed ? -1 : 1;
}

import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The operating system's user that the database runs as. */
export type DatabaseUser = { readonly uid: number; readonly gid: number };

/** Where no account of the system fits: the number that means "nobody" nearly everywhere. */
const NOBODY: DatabaseUser = { uid: 65_534, gid: 65_534 };

/**
 * The user to drop to, or undefined when this process is not root and needs no drop. PostgreSQL refuses to run as
 * root. The owner of an existing database goes first, so that starting as root once, or with another account list,
 * never makes the files change hands.
 */
export function chooseDatabaseUser(
  existingClusterFolder: string | undefined,
  passwdFile = '/etc/passwd',
): DatabaseUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existingClusterFolder !== undefined) {
    const { uid, gid } = statSync(existingClusterFolder);
    if (uid !== 0) return { uid, gid };
  }
  return accountNamed('postgres', passwdFile) ?? accountNamed('nobody', passwdFile) ?? NOBODY;
}

function accountNamed(name: string, passwdFile: string): DatabaseUser | undefined {
  let accounts: string;
  try {
    accounts = readFileSync(passwdFile, 'utf8');
  } catch {
    return undefined;
  }
  const fields = accounts
    .split('\n')
    .map((line) => line.split(':'))
    .find((line) => line[0] === name);
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  return Number.isSafeInteger(uid) && uid > 0 && Number.isSafeInteger(gid) ? { uid, gid } : undefined;
}

/**
 * The first folder on the way from the root to `path` (itself included) that `user` may not pass through, or undefined
 * when all are open. Looks at the permission bits; a user that is not given is this process, which needs no check.
 */
export function firstClosedFolder(path: string, user: DatabaseUser | undefined): string | undefined {
  if (user === undefined) return undefined;
  const folders: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  return folders.find((folder) => {
    const { mode, uid, gid } = statSync(folder);
    if (uid === user.uid) return (mode & 0o100) === 0;
    if (gid === user.gid) return (mode & 0o010) === 0;
    return (mode & 0o001) === 0;
  });
}

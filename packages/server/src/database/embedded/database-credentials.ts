import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../process/start-error.ts';

/**
 * What ties a data folder to its database. The server works as an ordinary role; the superuser only prepares it.
 * The instance name is known to the database as `cluster_name`, so that a running one can be recognized as ours.
 */
export type DatabaseCredentials = {
  readonly instance: string;
  readonly superuserPassword: string;
  readonly password: string;
};

/** The names of the roles and of the database. */
export const SUPERUSER = 'postgres';
export const SERVER_ROLE = 'estover';
export const SERVER_DATABASE = 'estover';

/**
 * Reads the credentials from the data folder, or makes them at the first start. A cluster without its credentials
 * file is an error: new passwords would not open it. Only call this while holding the lock.
 */
export async function loadCredentials(dataFolder: string, cluster: string): Promise<DatabaseCredentials> {
  const file = join(dataFolder, 'database-credentials.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) return parseCredentials(text, file);
  if (existsSync(cluster)) {
    throw new StartError(
      `The database in ${cluster} exists, but its passwords in ${file} are missing or cannot be read. ` +
        'Put that file back from a copy, or choose another data folder.',
    );
  }
  const secret = () => randomBytes(24).toString('base64url');
  const made = { instance: `estover-${randomUUID()}`, superuserPassword: secret(), password: secret() };
  await writeFile(`${file}.new`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  return made;
}

function parseCredentials(text: string, file: string): DatabaseCredentials {
  try {
    const { instance, superuserPassword, password } = JSON.parse(text) as Partial<DatabaseCredentials>;
    if (instance && superuserPassword && password) return { instance, superuserPassword, password };
  } catch {
    // Falls through to the one sentence for every kind of damage.
  }
  throw new StartError(`The database passwords in ${file} are damaged. Put that file back from a copy.`);
}

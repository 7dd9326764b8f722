import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerConfig } from './config.ts';
import { reasonOf, StartError, systemCodeOf } from './start-error.ts';

/**
 * The key, 32 bytes, under which private keys lie encrypted in the database: the configured one, or that of the
 * file `encryption.key` in the data folder, which is made at the first start and readable by its owner alone.
 */
export async function loadEncryptionKey({
  encryptionKey,
  dataFolder,
}: Pick<ServerConfig, 'encryptionKey' | 'dataFolder'>): Promise<Uint8Array> {
  if (encryptionKey !== undefined) return encryptionKey;
  const file = join(dataFolder, 'encryption.key');
  try {
    return await readKey(file);
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'ENOENT') throw thrown;
  }
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
    // Linking puts the file there complete and never over the key of a server that was quicker.
    await link(draft, file).catch((thrown: unknown) => {
      if (systemCodeOf(thrown) !== 'EEXIST') throw thrown;
    });
  } catch (thrown) {
    throw new StartError(
      `The key file ${file} cannot be made: ${reasonOf(thrown)}. Make the data folder writable, or set ESTOVER_ENCRYPTION_KEY.`,
    );
  } finally {
    await rm(draft, { force: true });
  }
  return readKey(file);
}

/**
 * The key as `loadEncryptionKey` finds it, for commands that must not make one: a new key opens nothing.
 *
 * @throws StartError when there is none
 */
export async function existingEncryptionKey({
  encryptionKey,
  dataFolder,
}: Pick<ServerConfig, 'encryptionKey' | 'dataFolder'>): Promise<Uint8Array> {
  if (encryptionKey !== undefined) return encryptionKey;
  const file = join(dataFolder, 'encryption.key');
  try {
    return await readKey(file);
  } catch (thrown) {
    if (systemCodeOf(thrown) !== 'ENOENT') throw thrown;
    throw new StartError(
      `The installation's encryption key is missing: there is no file ${file}. Put a copy of the installation's key there, or set ESTOVER_ENCRYPTION_KEY.`,
    );
  }
}

async function readKey(file: string): Promise<Uint8Array> {
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (key.length === 32) return new Uint8Array(key);
  throw new StartError(`The key file ${file} does not hold 32 bytes in base64. Put it back from a copy.`);
}

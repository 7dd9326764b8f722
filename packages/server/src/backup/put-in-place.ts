import { link, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a file system says that has no second names for files. */
const withoutSecondNames = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Gives a complete file its name, never over another one, and makes the name durable. Some file systems (FAT, shares on
 * a network) know no second names for a file: there the name is taken first, empty, and the draft moved over it.
 *
 * @throws the system's error, EEXIST where the name is taken
 */
export async function putInPlace(draft: string, file: string, linkFile = link): Promise<void> {
  try {
    await linkFile(draft, file);
  } catch (error) {
    if (!withoutSecondNames.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await (await open(file, 'wx', 0o600)).close();
    await rename(draft, file);
  }
  await flushFolder(dirname(file));
}

/** What a system says of a folder that cannot be flushed or read; the file itself is safe by then. */
const notFlushed = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EACCES', 'EPERM', 'EISDIR']);

async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!notFlushed.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

import { constants } from 'node:fs';
import { copyFile, link, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a file system says that has no second names for files. */
const withoutSecondNames = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Gives a complete file its name, never over another one, and makes the name durable. Some file systems (FAT, shares on
 * a network) know no second names for a file: there it is copied. The draft stays.
 *
 * @throws the system's error, EEXIST where the name is taken
 */
export async function putInPlace(draft: string, file: string, linkFile = link): Promise<void> {
  try {
    await linkFile(draft, file);
  } catch (error) {
    if (!withoutSecondNames.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(draft, file, constants.COPYFILE_EXCL);
    await flush(file);
  }
  await flush(dirname(file));
}

async function flush(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

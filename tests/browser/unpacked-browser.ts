import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';

/** Has the package look for the browser, or unpack it, in a folder of ours: it asks for the machine's temporary one. */
async function executableIn(folder: string): Promise<string> {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    return await chromium.executablePath();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/**
 * Path of the browser out of the package, unpacked. Each user and each version has a folder in the machine's temporary
 * one: another user's copy may not be run, and an older one is another browser. The folder appears under its name only
 * when everything is in it, for test files that start at once would run a browser that another still writes.
 */
export async function unpackedBrowser(): Promise<string> {
  const root = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))));
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const folder = join(tmpdir(), `estover-browser-${userInfo().uid}-${version}`);
  if (!existsSync(folder)) {
    const beside = await mkdtemp(`${folder}-`);
    try {
      await executableIn(beside);
      await rename(beside, folder);
    } catch (error) {
      await rm(beside, { recursive: true, force: true });
      // Somebody else was faster.
      if (!existsSync(folder)) throw error;
    }
  }
  return executableIn(folder);
}

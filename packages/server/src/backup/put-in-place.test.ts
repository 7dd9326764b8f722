import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { putInPlace } from './put-in-place.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estover-place-'));
  await writeFile(join(folder, 'draft'), 'all of it');
});
afterEach(() => rm(folder, { recursive: true }));

/** A file system without second names. */
const noLinks = async () => {
  throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
};

it.each([
  ['with second names', undefined],
  ['without', noLinks],
])('on a file system %s the whole file gets its name, and never over another one', async (_, linkFile) => {
  const [draft, file] = [join(folder, 'draft'), join(folder, 'backup')];
  await putInPlace(draft, file, linkFile);
  expect(await readFile(file, 'utf8')).toBe('all of it');
  const another = join(folder, 'another draft');
  await writeFile(another, 'another');
  await expect(putInPlace(another, file, linkFile)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await readFile(file, 'utf8')).toBe('all of it');
});

it('what else a file system says is told', async () => {
  const full = async () => {
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  };
  await expect(putInPlace(join(folder, 'draft'), join(folder, 'x'), full)).rejects.toMatchObject({
    code: 'ENOSPC',
  });
});

import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { breachedPasswordsIn, noBreachedPasswords } from './breached-passwords.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'estover-breached-'));
});
afterAll(() => rm(folder, { recursive: true }));

const sha1 = (password: string) => createHash('sha1').update(password).digest('hex').toUpperCase();

let files = 0;
async function listOf(
  passwords: readonly string[],
  line = (hash: string, at: number) => `${hash}:${at + 1}`,
  end = '\r\n',
) {
  const path = join(folder, `${files++}.txt`);
  await writeFile(
    path,
    passwords
      .map(sha1)
      .sort()
      .map((hash, at) => `${line(hash, at)}${end}`)
      .join(''),
  );
  return breachedPasswordsIn(path);
}

const many = Array.from({ length: 1000 }, (_, index) => `breached password ${index}`);

it.each([1, 2, 3, 10, 1000])('finds each of %d passwords, and none that is not listed', async (length) => {
  const listed = many.slice(0, length);
  const list = await listOf(listed);
  for (const password of listed) expect(await list.has(password), password).toBe(true);
  for (let index = 0; index < 300; index++) expect(await list.has(`another ${index}`)).toBe(false);
});

it('reads bare hashes, hashes in small letters, hashes cut short, and a last line without an end', async () => {
  const lists = [
    await listOf(many, (hash) => hash, '\n'),
    await listOf(many, (hash, at) => `${hash.toLowerCase()}:${10 ** (at % 9)}`, '\n'),
    await listOf(many, (hash) => hash.slice(0, 12), '\n'),
  ];
  const path = join(folder, 'open-end.txt');
  await writeFile(path, many.map(sha1).sort().join('\n'));
  for (const list of [...lists, breachedPasswordsIn(path)]) {
    for (const password of many) expect(await list.has(password), password).toBe(true);
    expect(await list.has('correct horse battery')).toBe(false);
  }
});

it('finds nothing in an empty list, or without one', async () => {
  expect(await (await listOf([])).has('password')).toBe(false);
  expect(await noBreachedPasswords.has('password')).toBe(false);
});

it('says so when the file is no such list, or is gone', async () => {
  const path = join(folder, 'words.txt');
  await writeFile(path, 'password\nletmein\n');
  await expect(breachedPasswordsIn(path).has('x')).rejects.toThrow(/has no hash at byte/);
  await expect(breachedPasswordsIn(join(folder, 'nothing')).has('x')).rejects.toThrow(/ENOENT/);
});

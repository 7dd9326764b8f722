import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadEncryptionKey } from './encryption-key.ts';

let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'estover-key-'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

test('the first start makes a private key file, also when two start at once, and later starts read it', async () => {
  const dataFolder = join(top, 'data');
  const load = () => loadEncryptionKey({ dataFolder, encryptionKey: undefined });
  const [one, two] = await Promise.all([load(), load()]);
  expect(one).toHaveLength(32);
  expect(two).toEqual(one);
  expect(await load()).toEqual(one);
  expect(readdirSync(dataFolder)).toEqual(['encryption.key']);
  expect(statSync(join(dataFolder, 'encryption.key')).mode & 0o777).toBe(0o600);
});

test('a configured key is used and no file is made', async () => {
  const encryptionKey = new Uint8Array(32).fill(3);
  expect(await loadEncryptionKey({ dataFolder: top, encryptionKey })).toBe(encryptionKey);
  expect(readdirSync(top)).toEqual([]);
});

test('a damaged key file is refused and kept', async () => {
  const file = join(top, 'encryption.key');
  writeFileSync(file, 'short');
  await expect(loadEncryptionKey({ dataFolder: top, encryptionKey: undefined })).rejects.toThrow(
    `The key file ${file} does not hold 32 bytes`,
  );
  expect(statSync(file).size).toBe(5);
});

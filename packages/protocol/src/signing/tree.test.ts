import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { checkDocument, largestAnswer, openDocument, signTogether } from './document.ts';
import { generateKeyPair } from './keys.ts';
import { climbTree, growTree } from './tree.ts';

const keys = generateKeyPair();
const type = 'estover-test-answer+jws';
const inputsOf = (size: number) => Array.from({ length: size }, (_, index) => Buffer.from(`input ${index}`));

/** RFC 9162 §2.1.1 word for word: split at the largest power of two below the size. */
function rootByTheBook(inputs: readonly Buffer[]): Buffer {
  const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (inputs.length === 1) return sha256(Buffer.of(0), inputs[0] as Buffer);
  let split = 1;
  while (split * 2 < inputs.length) split *= 2;
  return sha256(Buffer.of(1), rootByTheBook(inputs.slice(0, split)), rootByTheBook(inputs.slice(split)));
}

it.each([1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100, 257])(
  'leads all of %i documents to the root of RFC 9162',
  (size) => {
    const inputs = inputsOf(size);
    const { root, paths } = growTree(inputs);
    expect(Buffer.from(root).equals(rootByTheBook(inputs))).toBe(true);
    for (const path of paths) {
      const reached = climbTree(inputs[path.index] as Buffer, path);
      expect(reached !== undefined && Buffer.from(reached).equals(root)).toBe(true);
      expect(path.hashes.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
    }
  },
);

it('leads nowhere near the root from another place, size, document or way', () => {
  const inputs = inputsOf(11);
  const { root, paths } = growTree(inputs);
  const arrives = (input: Buffer, path: (typeof paths)[number]) => {
    const reached = climbTree(input, path);
    return reached !== undefined && Buffer.from(reached).equals(root);
  };
  for (const path of paths) {
    const input = inputs[path.index] as Buffer;
    const { hashes } = path;
    const others = Array.from({ length: 16 }, (_, index) => index).filter((index) => index !== path.index);
    for (const index of others) expect(arrives(input, { ...path, index })).toBe(false);
    expect(arrives(inputs[(path.index + 1) % 11] as Buffer, path)).toBe(false);
    expect(arrives(input, { ...path, hashes: hashes.slice(1) })).toBe(false);
    expect(arrives(input, { ...path, hashes: [...hashes, hashes[0] as Uint8Array] })).toBe(false);
    expect(arrives(input, { ...path, hashes: hashes.toReversed() })).toBe(hashes.length === 1);
  }
});

it('signs many with one signature, each checked by itself', () => {
  const payloads = Array.from({ length: 70 }, (_, count) => ({ count }));
  const documents = signTogether(
    payloads.map((payload) => ({ payload, type })),
    'k1',
    keys.privateKey,
  );
  const signatures = new Set<string>();
  for (const [index, document] of documents.entries()) {
    const opened = openDocument(document, {
      type,
      keyId: 'required',
      largest: largestAnswer,
      together: true,
    });
    if (!opened.ok) throw new Error(opened.detail);
    signatures.add(Buffer.from(opened.signature.subarray(0, 64)).toString('hex'));
    expect(checkDocument(opened, keys.publicKey)).toMatchObject({ ok: true, payload: payloads[index] });
    expect(checkDocument(opened, generateKeyPair().publicKey)).toMatchObject({ code: 'signature-invalid' });
  }
  expect(signatures.size).toBe(1);
});

it('refuses one that was tampered with, at every byte of its third part', () => {
  const [, document] = signTogether(
    [1, 2, 3].map((count) => ({ payload: { count }, type })),
    'k1',
    keys.privateKey,
  );
  const [header, payload, third] = (document as string).split('.');
  const bytes = Buffer.from(third as string, 'base64url');
  const check = (signature: Buffer) => {
    const opened = openDocument(`${header}.${payload}.${signature.toString('base64url')}`, {
      ...{ type, keyId: 'required', largest: largestAnswer, together: true },
    });
    return opened.ok ? checkDocument(opened, keys.publicKey) : opened;
  };
  expect(check(bytes)).toMatchObject({ ok: true });
  for (let at = 0; at < bytes.length; at += 1) {
    const other = Buffer.from(bytes);
    other.writeUInt8(other.readUInt8(at) ^ 1, at);
    expect(check(other), `byte ${at}`).toMatchObject({ code: 'signature-invalid' });
  }
  for (const length of [1, 63, 64, 71, 72, 103, 105]) {
    expect(check(bytes.subarray(0, length)), `${length} bytes`).toMatchObject({ code: 'signature-invalid' });
  }
  expect(check(Buffer.concat([bytes, Buffer.alloc(32 * 30)]))).toMatchObject({ code: 'signature-invalid' });
});

it('is refused by whoever did not ask for it', () => {
  const [document] = signTogether([{ payload: { a: 1 }, type }], 'k1', keys.privateKey);
  expect(openDocument(document as string, { type, keyId: 'required', largest: largestAnswer })).toMatchObject(
    {
      code: 'header-not-allowed',
    },
  );
});

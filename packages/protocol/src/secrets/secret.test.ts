import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatSecret, parseSecret, secretPattern, secretPrefixes } from './secret.ts';

const accountId = '0193c5a0-0000-7000-8000-000000000001';
const random = new Uint8Array(20).fill(7);

it('has a fixed form that scanners can match', () => {
  const text = formatSecret('esrt_', accountId, random);
  expect(text).toBe('esrt_01ki8irtRVMymMZGocCtS7zgiKsGbniI8jxxMSlKkKI0DfMuN2wWvtG');
  expect(text).toHaveLength(60);
  for (const prefix of secretPrefixes) {
    const secret = formatSecret(prefix, accountId, random);
    expect(`key=${secret};`.match(secretPattern)).toEqual([secret]);
  }
});

it('reads back what it wrote, whatever the bytes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...secretPrefixes),
      fc.uuid(),
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      (prefix, account, bytes) => {
        const text = formatSecret(prefix, account, bytes);
        expect(text).toHaveLength(60);
        const read = parseSecret(` ${text}\n`, prefix);
        if (!read.ok) throw new Error(read.detail);
        expect({ ...read, random: [...read.random] }).toEqual({
          ok: true,
          prefix,
          accountId: account,
          random: [...bytes],
          text,
        });
      },
    ),
  );
});

it('finds every single changed character and every swap of neighbours', () => {
  const text = formatSecret('esrt_', accountId, random);
  for (let index = 5; index < text.length; index += 1) {
    const changed = text.slice(0, index) + (text[index] === 'x' ? 'y' : 'x') + text.slice(index + 1);
    expect(parseSecret(changed)).toMatchObject({ ok: false, code: 'mistyped' });
    if (index + 1 < text.length && text[index] !== text[index + 1]) {
      const swapped =
        text.slice(0, index) + text.charAt(index + 1) + text.charAt(index) + text.slice(index + 2);
      expect(parseSecret(swapped)).toMatchObject({ ok: false, code: 'mistyped' });
    }
  }
});

it('tells a typing error from a foreign text and from a secret of another kind', () => {
  const apiKey = formatSecret('esak_', accountId, random);
  expect(parseSecret('hunter2')).toMatchObject({ ok: false, code: 'foreign' });
  expect(parseSecret('')).toMatchObject({ ok: false, code: 'foreign' });
  expect(parseSecret(apiKey, 'esrt_')).toMatchObject({ ok: false, code: 'other-kind', prefix: 'esak_' });
  expect(parseSecret(apiKey.slice(0, -1))).toMatchObject({ ok: false, code: 'mistyped' });
  expect(parseSecret(`${apiKey.slice(0, 20)}-${apiKey.slice(21)}`)).toMatchObject({
    ok: false,
    code: 'mistyped',
  });
});

it('refuses to make a weak or broken secret', () => {
  expect(() => formatSecret('esrt_', accountId, new Uint8Array(8))).toThrow(RangeError);
  expect(() => formatSecret('esrt_', 'not-a-uuid', random)).toThrow(RangeError);
});

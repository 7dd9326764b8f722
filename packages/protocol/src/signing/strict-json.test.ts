import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

const parse = (text: string) => parseStrictJson(Buffer.from(text));

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads when no name occurs twice', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['plainly', '{"a":1,"a":1}'],
    ['with an escape', String.raw`{"a":1,"\u0061":2}`],
    ['deep inside', '[{"b":[{"a":1,"c":{},"a":"}"}]}]'],
    ['after strings that look like structure', '{"x":"{\\"a\\":1,","a":"\\\\","a":2}'],
  ])('refuses a name that occurs twice %s', (_, text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(() => parse(text)).toThrow(/occurs twice/);
  });

  it('allows the same name in different objects and as a value', () => {
    expect(parse('[{"a":"a"},{"a":["a","a"]}]')).toEqual([{ a: 'a' }, { a: ['a', 'a'] }]);
  });

  it('refuses what is no JSON, no UTF-8, or too deep', () => {
    expect(() => parse('{"a":}')).toThrow(SyntaxError);
    expect(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not UTF-8');
    expect(() => parse('\uFEFF{}')).toThrow(SyntaxError);
    expect(parse('['.repeat(32) + ']'.repeat(32))).toBeDefined();
    expect(() => parse('['.repeat(33) + ']'.repeat(33))).toThrow('nested deeper');
  });
});

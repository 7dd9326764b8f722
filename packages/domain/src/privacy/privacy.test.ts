import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forgetInside, forgetMembers, forgetNames, pseudonymOf, shortestCode } from './index.ts';

const pseudonym = 'Removed person 7F3K';
const forget = forgetNames({ email: 'anna@northwind.example', names: ['Anna Berg', 'Anna'], pseudonym });

describe('texts without a name', () => {
  it.each([
    ['gave the role viewer to anna@northwind.example', `gave the role viewer to ${pseudonym}`],
    ['asked Anna@Northwind.Example.', `asked ${pseudonym}.`],
    ['(anna@northwind.example, viewer)', `(${pseudonym}, viewer)`],
    ['joanna@northwind.example', 'joanna@northwind.example'],
    ['anna@northwind.example.org', 'anna@northwind.example.org'],
    ['x.anna@northwind.example', 'x.anna@northwind.example'],
    ['Anna Berg invited Joanna Berger', `${pseudonym} invited Joanna Berger`],
    ['Annabel and Anna’s key', `Annabel and ${pseudonym}’s key`],
    ['anna', 'anna'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => {
    expect(forget(text)).toBe(expected);
  });

  it('take what looks like a pattern as it is written', () => {
    const odd = forgetNames({
      email: 'a+b.c@x-y.example',
      names: ['J. (Jo) $& [x]', 'Ann-Marie O’Neil / "Ann"'],
      pseudonym,
    });
    expect(odd('Ann-Marie O’Neil / "Ann" left')).toBe(`${pseudonym} left`);
    expect(odd('a+b.c@x-y.example')).toBe(pseudonym);
    expect(odd('aab.c@x-y.example')).toBe('aab.c@x-y.example');
    expect(odd('by J. (Jo) $& [x], today')).toBe(`by ${pseudonym}, today`);
  });

  it('lose no name that tells nobody apart: another address, signs, a single letter', () => {
    const taken = forgetNames({
      email: 'anna@northwind.example',
      names: ['bo@northwind.example', '/', ';', 'x', ' '],
      pseudonym,
    });
    const text = 'gave x of EMEA / Lyon to bo@northwind.example; the one before ended';
    expect(taken(text)).toBe(text);
  });

  it('are the same after a second time, and never hold the address again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(' ', 'anna@northwind.example', 'Anna Berg', 'Anna', 'x', '.', ',')),
        (parts) => {
          const once = forget(parts.join(' '));
          expect(forget(once)).toBe(once);
          expect(once).not.toContain('anna@northwind.example ');
          expect(once).not.toMatch(/\bAnna\b/);
        },
      ),
    );
  });

  it('leave every value without a name as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(forgetInside(forget, value)).toEqual(value);
      }),
    );
    expect(
      forgetInside(forget, { people: [{ email: 'anna@northwind.example', age: 3 }], Anna: null }),
    ).toEqual({
      people: [{ email: pseudonym, age: 3 }],
      [pseudonym]: null,
    });
  });
});

it('takes what is said in members of their own out of a value, and nothing below them', () => {
  const said = { givenName: 'Mira', active: true, externalId: null, groups: [{ givenName: 'Mira' }] };
  expect(forgetMembers(said, ['givenName', 'externalId', 'active'], pseudonym)).toEqual({
    ...said,
    givenName: pseudonym,
  });
  for (const value of [null, 'Mira', ['Mira']]) expect(forgetMembers(value, ['0'], pseudonym)).toEqual(value);
});

it('calls everybody by a code that can be read aloud', () => {
  expect(pseudonymOf(Uint8Array.from([7, 15, 3, 20, 255]), shortestCode)).toBe('Removed person 7F3M');
  expect(pseudonymOf(Uint8Array.from([7, 15, 3, 20, 255]), 5)).toBe('Removed person 7F3MZ');
});

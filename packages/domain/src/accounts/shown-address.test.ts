import { domainToUnicode } from 'node:url';
import { expect, it } from 'vitest';
import { shownAddresses } from './shown-address.ts';

const shown = (text: string) => shownAddresses(text, domainToUnicode);

it.each([
  ['ana@xn--bcher-kva.example', 'ana@bücher.example'],
  ['gave ana@xn--bcher-kva.example the role viewer', 'gave ana@bücher.example the role viewer'],
  [
    'Ana (ana@lab.xn--bcher-kva.example), Bo (bo@b.example).',
    'Ana (ana@lab.bücher.example), Bo (bo@b.example).',
  ],
  ['ira@xn--e1afmkfd.xn--p1ai', 'ira@пример.рф'],
  ['yu@xn--r8jz45g.jp', 'yu@例え.jp'],
])('%s is shown as %s', (kept, written) => {
  expect(shown(kept)).toBe(written);
});

it.each([
  ['an address in ASCII', 'ana@example.com'],
  ['what is no address', 'xn--bcher-kva.example'],
  ['letters of two scripts', 'ana@xn--xample-2of.example'],
  ['Cyrillic letters that pass for Latin ones', 'ana@xn--80ak6aa92e.com'],
  ['what was made from no letters', 'ana@xn--zzzzzzzzzzz99999.example'],
])('leaves %s as it is', (_, text) => {
  expect(shown(text)).toBe(text);
});

import { expect, it } from 'vitest';
import {
  domainsAbove,
  mailAddressPattern,
  mailDomainOf,
  normalizeDomainIdentifier,
  normalizeMailAddress,
  readIdentifier,
  searchedAddress,
} from './domain-identifier.ts';

const isPublic = (domain: string) => domain === 'gmail.com';

const normalized = (text: string) => {
  const decision = normalizeDomainIdentifier(text, isPublic);
  return decision.ok ? decision.value : decision.code;
};

it('brings every form of a domain identifier into one', () => {
  for (const form of [
    'example.com',
    'Example.COM',
    'example.com.',
    ' example.com ',
    '@example.com',
    'ｅxample。com',
  ]) {
    expect(normalized(form)).toBe('example.com');
  }
  expect(normalized('licenses.example.com')).toBe('licenses.example.com');
  for (const form of ['bücher.example', 'BÜCHER.example', 'xn--bcher-kva.example', 'bücher.example']) {
    expect(normalized(form)).toBe('xn--bcher-kva.example');
  }
});

it.each([
  ['ana@example.com', /mail address/],
  ['https://example.com', /not a mail domain/],
  ['example.com:443', /not a mail domain/],
  ['example.com/a', /not a mail domain/],
  ['exa mple.com', /not a mail domain/],
  ['example..com', /not a mail domain/],
  ['-example.com', /not a mail domain/],
  ['exa_mple.com', /not a mail domain/],
  ['localhost', /no dot/],
  ['10.0.0.1', /number/],
  ['0x7f.1', /number/],
  ['[::1]', /not a mail domain/],
  ['', /not a mail domain/],
  ['.', /not a mail domain/],
  [`${'a'.repeat(64)}.com`, /not a mail domain/],
  ['Gmail.com.', /public mail domain/],
])('refuses %j and says what to write', (text, detail) => {
  expect(normalizeDomainIdentifier(text, isPublic)).toMatchObject({
    ok: false,
    code: 'domain-identifier-invalid',
    detail: expect.stringMatching(detail),
  });
});

it('brings every form of a mail address into one', () => {
  for (const form of ['Ana@Example.COM', ' ana@example.com. ', 'ana@ｅxample。com']) {
    expect(normalizeMailAddress(form)).toBe('ana@example.com');
  }
  expect(normalizeMailAddress('Mia@bücher.example')).toBe('mia@xn--bcher-kva.example');
  expect(mailDomainOf('mia@xn--bcher-kva.example')).toBe('xn--bcher-kva.example');
  for (const none of ['nobody', '@example.com', 'a@b', 'a@b@']) expect(normalizeMailAddress(none)).toBe(none);
});

it('reads what an account is looked up by, a public mail domain as well', () => {
  expect(readIdentifier('@Example.com.')).toBe('example.com');
  expect(readIdentifier('gmail.com')).toBe('gmail.com');
  expect(readIdentifier('Ana.Lopez@Gmail.com')).toBe('ana.lopez@gmail.com');
  expect(readIdentifier('nothing')).toBeUndefined();
});

it('knows the domains above an identifier', () => {
  expect(domainsAbove('lab.big.co.uk')).toEqual(['big.co.uk', 'co.uk', 'uk']);
  expect(domainsAbove('example')).toEqual([]);
  expect(domainsAbove('ana@gmail.com')).toEqual([]);
});

it.each(['ana@example.com', 'Ana@bücher.example', 'ira@пример.рф', "o'neil+x@a-b.example"])(
  'takes %s as a mail address',
  (given) => {
    expect(normalizeMailAddress(given)).toMatch(mailAddressPattern);
  },
);

it.each([
  'nobody',
  'ana@localhost',
  '.ana@example.com',
  'a..b@example.com',
  'ána@example.com',
  'ana@exa mple.com',
])('takes %j as none', (given) => {
  expect(normalizeMailAddress(given)).not.toMatch(mailAddressPattern);
});

it('searches for an address as it is kept, and for anything else as it is typed', () => {
  expect(searchedAddress(' Ana@Bücher.example ')).toBe('Ana@xn--bcher-kva.example');
  expect(searchedAddress('bücher')).toBe('xn--bcher-kva');
  expect(searchedAddress('Zoë Müller')).toBe('Zoë Müller');
  expect(searchedAddress('ana@example')).toBe('ana@example');
});

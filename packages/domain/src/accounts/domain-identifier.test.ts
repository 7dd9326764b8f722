import { expect, it } from 'vitest';
import { normalizeDomainIdentifier } from './domain-identifier.ts';

const normalized = (text: string) => {
  const decision = normalizeDomainIdentifier(text);
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
  expect(normalizeDomainIdentifier(text)).toMatchObject({
    ok: false,
    code: 'domain-identifier-invalid',
    detail: expect.stringMatching(detail),
  });
});

import { expect, it } from 'vitest';
import { mayProvision, provisionedDomains } from './provisioning.ts';

it.each([
  ['customer', 'x.example', [], ['x.example']],
  ['holding', 'x.example', [], ['x.example']],
  ['customer', 'lab.x.example', ['x.example', 'lab.x.example'], ['lab.x.example', 'x.example']],
  ['limited-use', 'ana@gmail.com', ['x.example'], []],
  ['limited-use', 'gmail.com', [], []],
] as const)(
  'to a %s account named %s that proved %j belong %j',
  (kind, domainIdentifier, provedDomains, domains) => {
    expect(provisionedDomains({ kind, domainIdentifier, provedDomains })).toEqual(domains);
  },
);

it.each([
  ['ana@x.example', true],
  ['Ana@X.Example', true],
  ['ana@y.example', false],
  ['ana@sub.x.example', false],
  ['ana@notx.example', false],
  ['"ana@x.example"@y.example', false],
  ['x.example', false],
  ['', false],
])('of %s something may be said: %s', (mail, may) => {
  expect(mayProvision(mail, ['x.example'])).toBe(may);
  expect(mayProvision(mail, [])).toBe(false);
});

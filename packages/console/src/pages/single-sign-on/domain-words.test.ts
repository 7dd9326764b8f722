import { expect, test } from 'vitest';
import { domainsInWords, type MailDomain, rulesInWords, stateOf } from './domain-words.ts';

const singleSignOn: NonNullable<MailDomain['singleSignOn']> = {
  connection: { protocol: 'oidc', issuer: 'https://idp.example', clientId: 'estover' },
  isOn: false,
  isRequired: false,
  managesPeople: false,
  group: null,
  exempt: [],
  testedAt: null,
  changedBy: 'Ana',
  changedAt: '2026-11-30T00:00:00Z',
};
const domain: MailDomain = {
  mailDomainId: '01940000-0000-7000-8000-000000000001',
  domain: 'halden.example',
  record: { name: '_estover-challenge.halden.example', text: 'estover-domain-proof=x' },
  addedBy: 'Ana',
  addedAt: '2026-11-30T00:00:00Z',
  checkedAt: null,
  provedAt: null,
  redirectUri: 'https://licenses.example/x',
  saml: null,
  singleSignOn: null,
};
const proved = { ...domain, provedAt: '2026-11-30T00:00:00Z' };
const tested = { ...singleSignOn, testedAt: '2026-11-30T00:00:00Z' };

test.each([
  [domain, 'Not proved'],
  [proved, 'Proved'],
  [{ ...proved, singleSignOn }, 'Not tested'],
  [{ ...proved, singleSignOn: tested }, 'Off'],
  [{ ...proved, singleSignOn: { ...tested, isOn: true } }, 'On'],
  [{ ...proved, singleSignOn: { ...tested, isOn: true, isRequired: true } }, 'Required'],
])('a domain is in one state: %#', (given, label) => {
  expect(stateOf(given).label).toBe(label);
});

test('the page says who signs in at the company, and what is left', () => {
  expect(domainsInWords([])).toBe('Everybody signs in with a password or a passkey of their own.');
  expect(domainsInWords([domain])).toBe('Nobody signs in at the company yet. 1 mail domain is not proved.');
  expect(domainsInWords([{ ...proved, singleSignOn: { ...tested, isOn: true } }])).toBe(
    'People of halden.example sign in at the company.',
  );
});

test('rules are said in sentences', () => {
  expect(rulesInWords({ ...proved, singleSignOn })).toEqual([
    'Passwords and passkeys sign in as well.',
    'Whoever is here already is asked by mail at their first sign-in at the company.',
    'Nobody is made at their first sign-in: people are invited.',
  ]);
  const all = {
    ...tested,
    isRequired: true,
    managesPeople: true,
    group: { groupId: domain.mailDomainId, name: 'Staff' },
    exempt: [{ personId: 'a', name: 'Ana Ruiz', email: 'ana@halden.example' }],
  };
  expect(rulesInWords({ ...proved, singleSignOn: all })).toEqual([
    'Passwords and passkeys of people of halden.example do not sign in, but for Ana Ruiz.',
    'Whoever has a checked address of halden.example at the company is the person with that address here.',
    'Who is not here yet comes into the group Staff.',
  ]);
});

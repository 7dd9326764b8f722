import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeSingleSignOn, decideEntry, type EntryFacts, type SingleSignOnRules } from './index.ts';

const facts: EntryFacts = {
  domain: 'halden.example',
  said: { email: 'ana@halden.example', emailVerified: true },
  linked: null,
  byMail: { personId: 'ana', isStaff: false, hasOwnFactors: false },
  managesPeople: true,
  makesPeople: false,
};

const inWords = (given: Partial<EntryFacts>): string => {
  const decided = decideEntry({ ...facts, ...given });
  if (!decided.ok) return decided.code;
  return 'personId' in decided.value ? `${decided.value.kind} ${decided.value.personId}` : decided.value.kind;
};

describe('who comes from the company’s sign-in', () => {
  const unchecked = { email: 'ana@halden.example', emailVerified: false };
  const ana = { personId: 'ana', isStaff: false, hasOwnFactors: false };
  it.each<[string, Partial<EntryFacts>, string]>([
    ['is linked already', { linked: { personId: 'ana', mailDomain: 'halden.example' } }, 'enter ana'],
    [
      'is linked, and says no address any more',
      {
        linked: { personId: 'ana', mailDomain: 'halden.example' },
        said: { email: null, emailVerified: false },
      },
      'enter ana',
    ],
    [
      'is linked, and has an address elsewhere by now',
      { linked: { personId: 'ana', mailDomain: 'elsewhere.example' } },
      'address-elsewhere',
    ],
    ['has the address of a person, who is managed', {}, 'link ana'],
    ['has the address, and the company manages nobody', { managesPeople: false }, 'ask-by-mail ana'],
    ['has the address, and nobody checked it', { said: unchecked }, 'ask-by-mail ana'],
    ['has the address of the publisher’s staff', { byMail: { ...ana, isStaff: true } }, 'ask-by-mail ana'],
    [
      'has the address of somebody with codes',
      { byMail: { ...ana, hasOwnFactors: true } },
      'ask-by-mail ana',
    ],
    ['has the address of nobody', { byMail: null }, 'nobody'],
    ['is nobody yet, and people are made', { byMail: null, makesPeople: true }, 'make'],
    [
      'is nobody yet, and nobody checked the address',
      { byMail: null, makesPeople: true, said: unchecked },
      'ask-by-mail null',
    ],
    [
      'is nobody yet, and the company manages nobody',
      { byMail: null, makesPeople: true, managesPeople: false },
      'ask-by-mail null',
    ],
    ['says no address', { said: { email: null, emailVerified: true } }, 'address-missing'],
    ...[
      'ana@halden.example.evil',
      'ana@sub.halden.example',
      'ana@evilhalden.example',
      'ana@other.example',
    ].map((email): [string, Partial<EntryFacts>, string] => [
      `says ${email}`,
      { said: { email, emailVerified: true } },
      'address-elsewhere',
    ]),
  ])('%s', (_who, given, expected) => {
    expect(inWords(given)).toBe(expected);
  });

  it('is never somebody who is here already by the address alone', () => {
    const flag = fc.boolean();
    fc.assert(
      fc.property(
        fc.record({
          emailVerified: flag,
          isStaff: flag,
          hasOwnFactors: flag,
          managesPeople: flag,
          makesPeople: flag,
        }),
        ({ emailVerified, isStaff, hasOwnFactors, managesPeople, makesPeople }) => {
          const words = inWords({
            said: { email: 'ana@halden.example', emailVerified },
            byMail: { personId: 'ana', isStaff, hasOwnFactors },
            managesPeople,
            makesPeople,
          });
          const trusted = managesPeople && emailVerified && !isStaff && !hasOwnFactors;
          expect(words).toBe(trusted ? 'link ana' : 'ask-by-mail ana');
        },
      ),
    );
  });
});

describe('how it is set', () => {
  const off: SingleSignOnRules & { isTested: boolean } = {
    isOn: false,
    isRequired: false,
    managesPeople: false,
    groupId: null,
    exempt: [],
    isTested: true,
  };
  const on = { ...off, isOn: true };
  const required = { ...on, isRequired: true, exempt: ['ana'] };
  it.each<[string, typeof off, Partial<SingleSignOnRules>, string | Partial<SingleSignOnRules>]>([
    ['switched on', off, { isOn: true }, { isOn: true }],
    ['switched on without a test', { ...off, isTested: false }, { isOn: true }, 'single-sign-on-untested'],
    [
      'changed while it is off',
      { ...off, isTested: false },
      { managesPeople: true },
      { managesPeople: true },
    ],
    ['required while it is off', off, { isRequired: true, exempt: ['ana'] }, 'single-sign-on-off'],
    ['required with nobody named', on, { isRequired: true }, 'break-glass-needed'],
    ['required with somebody who could not', on, { isRequired: true, exempt: ['bo'] }, 'break-glass-needed'],
    [
      'required with one who could and one who could not',
      on,
      { isRequired: true, exempt: ['ana', 'bo'] },
      'break-glass-needed',
    ],
    [
      'switched on and required at once',
      off,
      { isOn: true, isRequired: true, exempt: ['ana'] },
      { isOn: true, isRequired: true, exempt: ['ana'] },
    ],
    ['required, and the last one is taken out', required, { exempt: [] }, 'break-glass-needed'],
    ['required, and switched off', required, { isOn: false }, { isOn: false, isRequired: false }],
    ['given a group', on, { groupId: 'staff' }, { groupId: 'staff' }],
    ['left as it is', required, { isOn: true, exempt: ['ana', 'ana'] }, 'nothing-to-do'],
  ])('%s', (_what, before, wanted, expected) => {
    const decided = changeSingleSignOn(before, wanted, ['ana', 'cleo']);
    if (typeof expected === 'string') expect(decided).toMatchObject({ ok: false, code: expected });
    else expect(decided).toMatchObject({ ok: true, value: expected });
  });
});

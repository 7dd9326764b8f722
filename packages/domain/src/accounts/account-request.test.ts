import { describe, expect, it } from 'vitest';
import {
  type AskedAccount,
  judgeAccountRequest,
  judgeAdministrator,
  judgeRequestForCustomer,
  judgeUpgrade,
  mayLearnOfAccount,
  readsLikeTeam,
} from './account-request.ts';

const isPublic = (domain: string) => domain === 'gmail.com';
/** The last two words, of three below `co.uk`. */
const registrableOf = (domain: string) => {
  const labels = domain.split('.');
  const count = domain.endsWith('co.uk') ? 3 : 2;
  return labels.length < count ? null : labels.slice(-count).join('.');
};
const asked: AskedAccount = {
  kind: 'customer',
  mailDomain: 'xyz.example',
  prefix: '',
  justification: '',
  approverEmail: 'ana@xyz.example',
};
const judged = (change: Partial<AskedAccount>) =>
  judgeAccountRequest({ ...asked, ...change }, isPublic, registrableOf);

describe('an identifier', () => {
  it.each(['xyz.example', 'XYZ.Example.', '@xyz.example', 'ｘyz。example'])(
    'is made from %s',
    (mailDomain) => {
      expect(judged({ mailDomain })).toEqual({
        ok: true,
        value: { domainIdentifier: 'xyz.example', hasPrefix: false, isTeamAlias: false },
      });
    },
  );

  it('compares IDN forms as one', () => {
    expect(
      judged({ mailDomain: 'bücher.example', approverEmail: 'ana@xn--bcher-kva.example' }),
    ).toMatchObject({ value: { domainIdentifier: 'xn--bcher-kva.example' } });
  });

  it('may have a prefix with a reason, which the approver’s address does not have', () => {
    expect(judged({ prefix: 'Lab.', justification: 'A company of its own' })).toEqual({
      ok: true,
      value: { domainIdentifier: 'lab.xyz.example', hasPrefix: true, isTeamAlias: false },
    });
  });

  it('is the approver’s mail address for limited use', () => {
    expect(judged({ kind: 'limited-use', mailDomain: '', approverEmail: 'ana.ruiz@gmail.com' })).toEqual({
      ok: true,
      value: { domainIdentifier: 'ana.ruiz@gmail.com', hasPrefix: false, isTeamAlias: false },
    });
  });
});

it.each<[string, Partial<AskedAccount>, string, string]>([
  ['a malformed domain', { mailDomain: 'xyz' }, 'domain-identifier-invalid', 'mailDomain'],
  ['no domain', { mailDomain: '' }, 'domain-identifier-invalid', 'mailDomain'],
  ['a public mail domain', { mailDomain: 'Gmail.com' }, 'public-mail-domain', 'mailDomain'],
  [
    'a public mail domain for a holding account',
    { kind: 'holding', mailDomain: 'gmail.com', approverEmail: 'ana@gmail.com' },
    'public-mail-domain',
    'mailDomain',
  ],
  [
    'an approver elsewhere',
    { approverEmail: 'ana@other.example' },
    'approver-domain-differs',
    'approverEmail',
  ],
  [
    'an approver below the domain',
    { approverEmail: 'ana@lab.xyz.example', prefix: 'lab', justification: 'x' },
    'approver-domain-differs',
    'approverEmail',
  ],
  [
    'a prefix without a reason',
    { prefix: 'lab', justification: ' ' },
    'justification-needed',
    'justification',
  ],
  ['a prefix of two words', { prefix: 'a b', justification: 'x' }, 'domain-identifier-invalid', 'prefix'],
  ['a prefix with a dot', { prefix: 'a.b', justification: 'x' }, 'domain-identifier-invalid', 'prefix'],
  [
    'limited use for a company',
    { kind: 'limited-use', mailDomain: '' },
    'public-mail-domain-needed',
    'approverEmail',
  ],
  [
    'limited use with a domain',
    { kind: 'limited-use', approverEmail: 'ana@gmail.com' },
    'domain-identifier-invalid',
    'mailDomain',
  ],
  [
    'limited use with a prefix',
    { kind: 'limited-use', mailDomain: '', prefix: 'lab', approverEmail: 'ana@gmail.com' },
    'domain-identifier-invalid',
    'prefix',
  ],
])('refuses %s', (_, change, code, field) => {
  expect(judged(change)).toMatchObject({ ok: false, code, field, detail: expect.stringMatching(/\.$/) });
});

it('knows addresses that a team shares', () => {
  for (const team of ['licensing', 'it', 'Admin', 'it-support', 'network.team', 'admin+estover']) {
    expect(readsLikeTeam(`${team}@xyz.example`), team).toBe(true);
  }
  for (const person of ['ana', 'ana.ruiz', 'kit', 'samantha', 'it.smith']) {
    expect(readsLikeTeam(`${person}@xyz.example`), person).toBe(false);
  }
  expect(judged({ approverEmail: 'licensing@xyz.example' })).toMatchObject({ value: { isTeamAlias: true } });
});

it('tells of an account only inside of its mail domain', () => {
  expect(mayLearnOfAccount('xyz.example', 'joe@xyz.example')).toBe(true);
  expect(mayLearnOfAccount('lab.xyz.example', 'joe@xyz.example')).toBe(true);
  expect(mayLearnOfAccount('xyz.example', 'joe@partner.example')).toBe(false);
  expect(mayLearnOfAccount('xyz.example', 'joe@z.example')).toBe(false);
  expect(mayLearnOfAccount('ana@gmail.com', 'ana@gmail.com')).toBe(true);
  expect(mayLearnOfAccount('ana@gmail.com', 'eve@gmail.com')).toBe(false);
});

it('has a prefix as well when it is given whole, below the domain that the company registered', () => {
  const below = (change: Partial<AskedAccount>) => {
    const decision = judged(change);
    return decision.ok ? [decision.value.domainIdentifier, decision.value.hasPrefix] : decision;
  };
  const lab = { mailDomain: 'lab.xyz.example', approverEmail: 'ana@lab.xyz.example' };
  expect(below({ ...lab, justification: 'Its own books' })).toEqual(['lab.xyz.example', true]);
  expect(below(lab)).toMatchObject({
    code: 'justification-needed',
    detail: 'Say why lab.xyz.example needs an account apart from that of xyz.example.',
  });
  const british = { mailDomain: 'xyz.co.uk', approverEmail: 'ana@xyz.co.uk' };
  expect(below(british)).toEqual(['xyz.co.uk', false]);
  expect(below({ mailDomain: 'co.uk', approverEmail: 'ana@co.uk' })).toMatchObject({
    code: 'domain-identifier-invalid',
    field: 'mailDomain',
    detail: 'co.uk is no company’s mail domain: anybody registers names below it.',
  });
});

describe('the administrator of an account that an operator makes', () => {
  const judgedAs = (domainIdentifier: string, administratorEmail: string) => {
    const decision = judgeAdministrator({ domainIdentifier, administratorEmail }, isPublic, registrableOf);
    return decision.ok ? 'ok' : decision.code;
  };
  it.each([
    ['xyz.example', 'ana@xyz.example', 'ok'],
    ['lab.xyz.example', 'ana@xyz.example', 'ok'],
    ['lab.xyz.example', 'ana@lab.xyz.example', 'ok'],
    ['xyz.example', 'ana@lab.xyz.example', 'approver-domain-differs'],
    ['a.b.xyz.example', 'ana@xyz.example', 'approver-domain-differs'],
    ['xyz.co.uk', 'ana@co.uk', 'approver-domain-differs'],
    ['xyz.example', 'ana@other.example', 'approver-domain-differs'],
    ['xyz.example', 'ana@gmail.com', 'public-mail-domain'],
  ])('of %s at %s: %s', (identifier, email, outcome) => {
    expect(judgedAs(identifier, email)).toBe(outcome);
  });
});

describe('a partner who asks for a customer', () => {
  const partner = { email: 'pat@partner.example', holdingIdentifier: 'emea.partner-group.example' };
  const forCustomer = (change: Partial<AskedAccount>, email = partner.email) =>
    judgeRequestForCustomer({ ...asked, ...change }, { ...partner, email }, isPublic, registrableOf);

  it('names somebody at the customer, by the same rules as the customer', () => {
    expect(forCustomer({})).toEqual({
      ok: true,
      value: { domainIdentifier: 'xyz.example', hasPrefix: false, isTeamAlias: false },
    });
    expect(forCustomer({ approverEmail: 'ana@other.example' })).toMatchObject({
      code: 'approver-domain-differs',
    });
    expect(
      forCustomer({ kind: 'limited-use', mailDomain: '', approverEmail: 'shop@gmail.com' }, 'pat@gmail.com'),
    ).toMatchObject({ ok: true });
  });

  it.each([
    ['themselves', { kind: 'limited-use', mailDomain: '', approverEmail: 'pat@gmail.com' }, 'pat@gmail.com'],
    ['a colleague', { mailDomain: 'partner.example', approverEmail: 'kim@partner.example' }, undefined],
    [
      'somebody of the holding account’s company',
      { mailDomain: 'partner-group.example', approverEmail: 'kim@partner-group.example' },
      undefined,
    ],
  ] as const)('never names %s', (_, change, email) => {
    expect(forCustomer(change, email)).toMatchObject({ code: 'self-approval', field: 'approverEmail' });
  });
});

describe('an upgrade', () => {
  const upgraded = (email: string, prefix = '', justification = '') =>
    judgeUpgrade('limited-use', { email, prefix, justification }, isPublic, registrableOf);

  it('takes the mail domain of whoever asks, with a prefix for a reason', () => {
    expect(upgraded('ana@xyz.example')).toMatchObject({
      value: { domainIdentifier: 'xyz.example', hasPrefix: false },
    });
    expect(upgraded('ana@xyz.example', 'lab', 'Its own books')).toMatchObject({
      value: { domainIdentifier: 'lab.xyz.example', hasPrefix: true },
    });
    expect(upgraded('ana@xyz.example', 'lab')).toMatchObject({ code: 'justification-needed' });
  });

  it('waits until the address is the company’s, and is for limited use alone', () => {
    expect(upgraded('ana@gmail.com')).toMatchObject({ code: 'public-mail-domain' });
    const asks = { email: 'ana@xyz.example', prefix: '', justification: '' };
    expect(judgeUpgrade('customer', asks, isPublic, registrableOf)).toEqual({
      ok: false,
      code: 'upgrade-not-needed',
      kind: 'customer',
    });
  });
});

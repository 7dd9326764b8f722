import { describe, expect, it } from 'vitest';
import {
  type AskedAccount,
  judgeAccountRequest,
  judgeRequestForCustomer,
  judgeUpgrade,
  mayLearnOfAccount,
  readsLikeTeam,
} from './account-request.ts';

const isPublic = (domain: string) => domain === 'gmail.com';
const asked: AskedAccount = {
  kind: 'customer',
  mailDomain: 'xyz.example',
  prefix: '',
  justification: '',
  approverEmail: 'ana@xyz.example',
};
const judged = (change: Partial<AskedAccount>) => judgeAccountRequest({ ...asked, ...change }, isPublic);

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

describe('a partner who asks for a customer', () => {
  const partner = { email: 'pat@partner.example', holdingIdentifier: 'emea.partner-group.example' };
  const forCustomer = (change: Partial<AskedAccount>, email = partner.email) =>
    judgeRequestForCustomer({ ...asked, ...change }, { ...partner, email }, isPublic);

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
    judgeUpgrade('limited-use', { email, prefix, justification }, isPublic);

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
    expect(judgeUpgrade('customer', asks, isPublic)).toEqual({
      ok: false,
      code: 'upgrade-not-needed',
      kind: 'customer',
    });
  });
});

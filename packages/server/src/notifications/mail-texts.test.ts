import { transactionalKinds } from '@estover/domain/notifications';
import { expect, it } from 'vitest';
import { type MailContent, writeMail } from './mail-texts.ts';

const link = 'https://licenses.example.com/x#secret';
const at = '2026-11-30T09:05:07Z';
const changes: Extract<MailContent, { kind: 'sign-in-changed' }>['change'][] = [
  { what: 'codes-on' },
  { what: 'codes-off' },
  { what: 'recovery-codes-renewed' },
  { what: 'recovery-code-used', left: 9 },
  { what: 'passkey-added', name: 'Laptop' },
  { what: 'passkey-removed', name: 'Laptop' },
  { what: 'identity-linked', name: 'northwind.example' },
  { what: 'identity-removed', name: 'northwind.example' },
];
type AccountMoveMail = Extract<MailContent, { kind: 'account-move' }>;
const every: Record<MailContent['kind'], MailContent> = {
  'staff-role': {
    kind: 'staff-role',
    role: 'order-desk',
    givenBy: 'Ola Berg',
    end: '2026-12-31T00:00:00Z',
    link,
    until: '2026-12-14T09:05:07Z',
  },
  'support-asked': {
    kind: 'support-asked',
    accountName: 'Northwind',
    staff: 'Ola Berg',
    mode: 'act',
    minutes: 30,
    reason: 'A transfer that went wrong',
    caseNumber: '123',
    until: '2026-12-01T09:05:07Z',
    link,
  },
  'support-begun': {
    kind: 'support-begun',
    accountName: 'Northwind',
    staff: 'Ola Berg',
    reason: 'A shortage nobody understands',
    caseNumber: '123',
    until: '2026-11-30T10:05:07Z',
    link,
  },
  'support-answered': {
    kind: 'support-answered',
    accountName: 'Northwind',
    caseNumber: '123',
    answer: 'approved',
    end: '2026-11-30T10:05:07Z',
    link,
  },
  'recovery-waits': { kind: 'recovery-waits', until: '2026-12-01T09:05:07Z', link },
  'recovery-done': { kind: 'recovery-done', at, link },
  invitation: {
    kind: 'invitation',
    accountName: 'Northwind',
    invitedBy: 'Ana Ruiz',
    link,
    until: '2026-12-14T09:05:07Z',
  },
  'role-given': {
    kind: 'role-given',
    accountName: 'Northwind',
    role: 'account-administrator',
    givenBy: 'Ana Ruiz',
    until: '2026-12-31T00:00:00Z',
    link,
  },
  'password-reset': { kind: 'password-reset', link, until: '2026-11-30T10:05:07Z' },
  'password-changed': { kind: 'password-changed', at, link },
  'account-requested': {
    kind: 'account-requested',
    domainIdentifier: 'northwind.example',
    link,
    until: '2026-12-03T09:05:07Z',
  },
  'account-acceptance': {
    kind: 'account-acceptance',
    companyName: 'Northwind',
    domainIdentifier: 'northwind.example',
    requestedBy: 'Ana Ruiz (ana@northwind.example)',
    link,
    until: '2026-12-30T09:05:07Z',
  },
  'account-request-question': {
    kind: 'account-request-question',
    domainIdentifier: 'lab.northwind.example',
    question: 'Whose books are these?',
    link,
  },
  'account-request-approved': {
    kind: 'account-request-approved',
    domainIdentifier: 'lab.northwind.example',
    approverEmail: 'boss@northwind.example',
    reason: 'A company of its own',
    link,
    until: '2026-12-30T09:05:07Z',
  },
  'account-request-withdrawn': {
    kind: 'account-request-withdrawn',
    companyName: 'Northwind',
    domainIdentifier: 'northwind.example',
    requestedBy: 'Ana Ruiz (ana@northwind.example)',
    link,
  },
  'account-request-closed': {
    kind: 'account-request-closed',
    domainIdentifier: 'northwind.example',
    why: 'declined',
    accountName: null,
    reason: 'There is one already.',
    next: 'ask-anew',
    link,
  },
  'account-exists': {
    kind: 'account-exists',
    accountName: 'Northwind',
    domainIdentifier: 'northwind.example',
    requestedBy: 'Pat Ost (pat@partner.example) of Partner',
    link,
  },
  'order-account': {
    kind: 'order-account',
    companyName: 'Northwind',
    link,
    until: '2026-12-30T09:05:07Z',
  },
  'account-upgraded': {
    kind: 'account-upgraded',
    accountName: 'Northwind',
    domainIdentifier: 'northwind.example',
    link,
  },
  'account-active': {
    kind: 'account-active',
    companyName: 'Northwind',
    domainIdentifier: 'northwind.example',
    acceptedBy: 'mia@northwind.example',
    link,
  },
  'account-status': {
    kind: 'account-status',
    accountName: 'Northwind',
    status: 'suspended',
    by: 'Ola Berg',
    reason: 'The bill is not paid.',
    link,
  },
  'access-requested': {
    kind: 'access-requested',
    accountName: 'Northwind',
    requestedBy: 'Bo Berg (bo@partner.example)',
    role: 'virtual-account-user',
    place: 'EMEA / Madrid',
    reason: 'I look after their switches.',
    link,
    until: '2026-12-30T09:05:07Z',
  },
  'access-request-closed': {
    kind: 'access-request-closed',
    identifier: 'northwind.example',
    place: 'EMEA / Madrid',
    ended: { outcome: 'approved', role: 'viewer', until: '2026-12-31T00:00:00Z', answeredBy: 'Ana Ruiz' },
    answer: 'To look at first.',
    link,
  },
  'role-ending': {
    kind: 'role-ending',
    accountName: 'Northwind',
    role: 'viewer',
    until: '2026-12-31T23:59:59Z',
    hasEnded: false,
    link,
  },
  'roles-ending': {
    kind: 'roles-ending',
    accountName: 'Northwind',
    roles: [
      { who: 'Bo Berg (bo@partner.example)', role: 'viewer', until: '2026-12-31T23:59:59Z', hasEnded: false },
    ],
    link,
  },
  'account-move': {
    kind: 'account-move',
    what: 'merge',
    state: 'proposed',
    fromName: 'Northwind',
    intoName: 'southwind.example',
    by: 'Ana Ruiz',
    reason: 'One company by now',
    endsAt: '2026-12-14T09:05:07Z',
    link,
  },
  'sign-in-changed': { kind: 'sign-in-changed', change: { what: 'codes-on' }, at, link },
  'mail-address-proof': { kind: 'mail-address-proof', isNew: true, link, until: '2026-12-01T09:05:07Z' },
  'mail-address-in-use': { kind: 'mail-address-in-use', link },
  'mail-address-changed': { kind: 'mail-address-changed', newAddress: 'ana@new.example', at, link },
  'identity-proof': {
    kind: 'identity-proof',
    domain: 'northwind.example',
    link,
    until: '2026-11-30T10:05:07Z',
  },
  digest: {
    kind: 'digest',
    accountName: 'Northwind',
    groups: [
      {
        title: 'Licenses short',
        lines: [
          { text: 'Branch <Security> is short by 31 in EMEA / Lyon', detail: '', link: `${link}1` },
          { text: 'Over: Core is short by 2 in EMEA', detail: '', link: `${link}2` },
        ],
      },
      { title: 'Agreements', lines: [{ text: 'Terms wait', detail: 'Until 3 Dec 2026.', link: `${link}3` }] },
    ],
    more: 0,
    link,
    settingsLink: `${link}4`,
    unsubscribeLink: `${link}5`,
  },
  'address-confirmation': {
    kind: 'address-confirmation',
    accountName: 'Northwind',
    addedBy: 'Ana Ruiz',
    link,
    until: '2026-12-14T09:05:07Z',
  },
};
const all = [
  ...Object.values(every),
  ...(['proposed', 'declined', 'withdrawn', 'expired', 'done', 'undone'] as const).flatMap((state) =>
    (['merge', 'split'] as const).map(
      (what): MailContent => ({ ...(every['account-move'] as AccountMoveMail), what, state }),
    ),
  ),
  ...changes.map((change): MailContent => ({ kind: 'sign-in-changed', change, at, link })),
];

it.each(all)('says the same as plain text and as HTML, with the link: $kind', (content) => {
  const { subject, text, html } = writeMail(content);
  expect(subject).toMatch(/^[^\r\n]{5,100}$/);
  const readable = html
    .replaceAll(/<title>.*?<\/title>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ');
  for (const paragraph of text
    .trim()
    .split('\n\n')
    .filter((each) => !each.includes(link))) {
    expect(readable).toContain(paragraph);
  }
  expect(text).toContain(link);
  expect(html).toContain(`href="${link}"`);
  // Nothing is fetched when the mail is opened, so that nobody is told that it was.
  expect(html).not.toMatch(/<img|<link|<script|@import|url\(/);
});

it('lists what changed by kind, each with its link in both forms, and says how many more there are', () => {
  const digest = every.digest as Extract<MailContent, { kind: 'digest' }>;
  const { subject, text, html } = writeMail({ ...digest, more: 7 });
  expect(subject).toBe('Northwind: 10 things changed');
  expect(text).toContain(
    `Licenses short\n- Branch <Security> is short by 31 in EMEA / Lyon\n  ${link}1\n- Over: Core is short by 2 in EMEA\n  ${link}2\n\nAgreements\n- Terms wait\n  Until 3 Dec 2026.\n  ${link}3\n\n… and 7 more\n- See all alerts\n  ${link}/alerts`,
  );
  expect(text).toContain(
    `Choose what you hear of, and when:\n${link}4\n\nSwitch off mails of this kind:\n${link}5`,
  );
  expect(html).toContain(
    `<li><a href="${link}1">Branch &lt;Security&gt; is short by 31 in EMEA / Lyon</a></li>`,
  );
  expect(html).toContain(`<li><a href="${link}3">Terms wait</a><br>Until 3 Dec 2026.</li>`);
  expect(html).toContain(`href="${link}5"`);

  const one = writeMail({ ...digest, groups: digest.groups.slice(1), settingsLink: null });
  expect(one.subject).toBe('Northwind: Terms wait');
  expect(one.text).toContain('An administrator of Northwind added this address.');
  expect(one.text).not.toContain('Choose what you hear of');
});

it('says the role in words and when it ends', () => {
  const { subject, text } = writeMail(every['role-given']);
  expect(subject).toBe('You are now account administrator in Northwind');
  expect(text).toContain('Ana Ruiz gave you the role account administrator in Northwind, until 2026-12-31.');
});

it('tells approvers who asks for what and why, and whoever asked how it ended', () => {
  expect(writeMail(every['access-requested']).text).toContain(
    'Bo Berg (bo@partner.example) asks to be virtual account user at EMEA / Madrid in Northwind.\n\nThey write: I look after their switches.\n\nApprove it, give less, or decline it until 2026-12-30 09:05 UTC.',
  );
  const closed = every['access-request-closed'] as Extract<MailContent, { kind: 'access-request-closed' }>;
  expect(writeMail(closed).text).toContain(
    'You asked for access to EMEA / Madrid in northwind.example in Estover.\n\nAna Ruiz gave you the role viewer, until 2026-12-31.\n\nThey write: To look at first.',
  );
  const declined = writeMail({
    ...closed,
    place: '',
    ended: { outcome: 'declined', answeredBy: 'Ana Ruiz' },
  });
  expect(declined.subject).toBe('Your request for access to northwind.example was declined');
  expect(declined.text).toContain(
    'You asked for access to northwind.example in Estover.\n\nAna Ruiz declined it.',
  );
  const expired = writeMail({ ...closed, answer: null, ended: { outcome: 'expired' } });
  expect(expired.text).toContain('Nobody answered it in time.');
  expect(expired.text).not.toContain('They write');
});

it('tells of the end of a role before and after it, and administrators of all at once', () => {
  const ending = every['role-ending'] as Extract<MailContent, { kind: 'role-ending' }>;
  expect(writeMail(ending).subject).toBe('Your role viewer in Northwind ends on 2026-12-31');
  expect(writeMail({ ...ending, hasEnded: true }).text).toContain(
    'in Northwind ended at 2026-12-31 23:59 UTC.',
  );
  const all = every['roles-ending'] as Extract<MailContent, { kind: 'roles-ending' }>;
  expect(writeMail(all).text).toContain(
    'Bo Berg (bo@partner.example): viewer, ends at 2026-12-31 23:59 UTC.',
  );
  const many = writeMail({ ...all, roles: Array(25).fill({ ...all.roles[0], hasEnded: true }) });
  expect(many.subject).toBe('25 roles in Northwind end or have ended');
  expect(many.text.match(/ended at/g)).toHaveLength(20);
  expect(many.text).toContain('And 5 more.');
});

it('names the account that has an identifier, and says when a request has ended', () => {
  const closed = every['account-request-closed'] as Extract<MailContent, { kind: 'account-request-closed' }>;
  const taken = { ...closed, why: 'taken', reason: null } as const;
  expect(writeMail({ ...taken, accountName: 'Northwind Rail' }).text).toContain(': Northwind Rail. Ask its');
  expect(writeMail({ ...closed, why: 'expired' }).subject).toBe(
    'Your request for northwind.example has expired',
  );
});

it.each([
  ['codes-on', 'Sign-in now asks you for a code', 'now asks for a code of an authenticator app.'],
  ['codes-off', 'Sign-in does not ask you for a code any more', 'needs the password alone from now on.'],
  ['recovery-codes-renewed', 'You have new recovery codes', 'The earlier ones are void.'],
  ['recovery-code-used', 'A recovery code was used', '9 are left.'],
  ['passkey-added', 'The passkey Laptop was added', 'The passkey Laptop signs in to Estover as you'],
  ['passkey-removed', 'The passkey Laptop was removed', 'The passkey Laptop does not sign in'],
  [
    'identity-linked',
    'Your sign-in at northwind.example was linked',
    'signs in to Estover as you from now on',
  ],
  [
    'identity-removed',
    'Your sign-in at northwind.example was unlinked',
    'does not sign in to Estover as you any',
  ],
])('tells of a change of sign-in, and when: %s', (what, subject, sentence) => {
  const change = changes.find((each) => each.what === what);
  if (change === undefined) throw new Error(what);
  const mail = writeMail({ kind: 'sign-in-changed', change, at, link });
  expect(mail.subject).toBe(subject);
  expect(mail.text).toContain(sentence);
  expect(mail.text).toContain('It was done at 2026-11-30 09:05 UTC.');
});

it.each([
  ['staff-role', 'You are now order desk of this installation', 'until 2026-12-31.'],
  ['support-asked', 'Support asks to act in Northwind', 'The question ends at 2026-12-01 09:05 UTC.'],
  ['support-begun', 'Support looks at Northwind', 'Case 123: A shortage nobody understands'],
  ['support-answered', 'Support access to Northwind: approved', 'until 2026-11-30 10:05 UTC.'],
  ['recovery-waits', 'Your second factors are about to be removed', 'at 2026-12-01 09:05 UTC'],
  ['recovery-done', 'Your second factors were removed', 'at 2026-11-30 09:05 UTC'],
] as const)(
  'tells staff, customers and whoever lost everything what they need: %s',
  (kind, subject, sentence) => {
    const mail = writeMail(every[kind]);
    expect(mail.subject).toBe(subject);
    expect(mail.text).toContain(sentence);
  },
);

it('shows names as they are: no markup, no header and no paragraph of their own', () => {
  const { subject, text, html } = writeMail({
    ...(every.invitation as Extract<MailContent, { kind: 'invitation' }>),
    accountName: 'A <b>& "B"\r\nBcc: eve@example.com',
  });
  expect(subject).toBe('Ana Ruiz invites you to A <b>& "B" Bcc: eve@example.com');
  expect(text).toContain('until 2026-12-14 09:05 UTC');
  expect(text).not.toMatch(/^Bcc/m);
  expect(html).toContain('A &lt;b&gt;&amp; &quot;B&quot; Bcc: eve@example.com');
  expect(html).not.toContain('<b>');
});

it('lets no name turn the direction of writing or become a link', () => {
  const { subject, text, html } = writeMail({
    ...(every.invitation as Extract<MailContent, { kind: 'invitation' }>),
    invitedBy: 'Locked, see https://evil.example/\u202Egpj.exe\u2066',
  });
  expect(subject).toBe('Locked, see https evil.example/gpj.exe invites you to Northwind');
  for (const shown of [subject, text, html]) {
    expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(shown).not.toContain('://evil');
  }
});

it('sends each kind of mail either always, or as a digest at the pace that was chosen', () => {
  const chosen = Object.keys(every).filter((kind) => !(kind in transactionalKinds));
  expect(chosen).toEqual(['digest']);
  expect(Object.keys(transactionalKinds).filter((kind) => !(kind in every))).toEqual([]);
});

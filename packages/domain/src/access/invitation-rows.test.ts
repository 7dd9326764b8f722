import { expect, it } from 'vitest';
import {
  checkInvitationHeader,
  INVITATION_COLUMNS,
  type InvitationColumn,
  type InvitationRow,
  readInvitation,
  repeatedEmails,
  scopeMismatch,
} from './invitation-rows.ts';

const now = Temporal.Instant.from('2026-11-22T12:00:00Z');
type Cells = Partial<Record<InvitationColumn, string>>;
const read = (cells: Cells) =>
  readInvitation(2, new Map(Object.entries({ email: 'jo@halden.example', role: 'viewer', ...cells })), now);

it('knows its columns, and which must be there', () => {
  expect(checkInvitationHeader(INVITATION_COLUMNS)).toEqual([]);
  expect(checkInvitationHeader(['Email', ' ROLE '])).toEqual([]);
  expect(
    checkInvitationHeader(['e-mail', 'role', 'role', 'x']).map(({ column, code, detail }) => [
      column,
      code,
      detail,
    ]),
  ).toEqual([
    ['e-mail', 'unknown-column', 'There is no column e-mail. Did you mean email?'],
    ['role', 'repeated-column', 'The column role is there twice. Leave one out.'],
    [
      'x',
      'unknown-column',
      'There is no column x. The columns are email, name, role, virtual_accounts, nested, until.',
    ],
    ['email', 'missing-column', 'The column email is missing. Add it to the header.'],
  ]);
});

it.each<[Cells, Partial<InvitationRow>]>([
  [{}, {}],
  [{ name: ' Jo Petit ' }, { name: 'Jo Petit' }],
  [{ role: 'Account user' }, { role: 'account-user' }],
  [
    { role: 'virtual_account_user', virtual_accounts: 'EMEA / Lyon; ;EMEA/Madrid' },
    { role: 'virtual-account-user', virtualAccounts: ['EMEA / Lyon', 'EMEA/Madrid'] },
  ],
  [
    { virtual_accounts: 'EMEA', nested: 'Yes' },
    { virtualAccounts: ['EMEA'], nested: true },
  ],
  [{ virtual_accounts: 'EMEA', nested: 'false' }, { virtualAccounts: ['EMEA'] }],
  [{ until: '2026-11-22' }, { until: Temporal.Instant.from('2026-11-22T23:59:59Z') }],
  [{ until: '2026-12-31T12:00:00Z' }, { until: Temporal.Instant.from('2026-12-31T12:00:00Z') }],
])('reads %j', (cells, expected) => {
  expect(read(cells)).toEqual({
    invitation: {
      row: 2,
      email: 'jo@halden.example',
      name: null,
      role: 'viewer',
      virtualAccounts: [],
      nested: false,
      until: null,
      ...expected,
    },
    errors: [],
  });
});

it.each<[Cells, [string, string, string]]>([
  [{ email: ' ' }, ['email', 'value-missing', 'The row has no email.']],
  [{ email: 'jo' }, ['email', 'email-invalid', 'jo is not a mail address.']],
  [{ email: 'jo@halden' }, ['email', 'email-invalid', 'jo@halden is not a mail address.']],
  [
    { name: 'x'.repeat(121) },
    ['name', 'value-too-long', 'The name has 121 characters; it may have at most 120.'],
  ],
  [
    { name: 'Jo\nPetit' },
    ['name', 'control-characters', 'The name has a line break or other control character.'],
  ],
  [{ role: '' }, ['role', 'value-missing', 'The row has no role.']],
  [{ role: 'veiwer' }, ['role', 'role-invalid', 'veiwer is not a role. Did you mean viewer?']],
  [
    { role: 'boss' },
    [
      'role',
      'role-invalid',
      'boss is not a role. The roles are approver, account-administrator, account-user, virtual-account-administrator, virtual-account-user, viewer.',
    ],
  ],
  [
    { role: 'virtual-account-user' },
    [
      'virtual_accounts',
      'scope-not-for-role',
      'The role virtual-account-user is given for virtual accounts. Name at least one.',
    ],
  ],
  [
    { role: 'approver', virtual_accounts: 'EMEA' },
    [
      'virtual_accounts',
      'scope-not-for-role',
      'The role approver is given for the whole account. Name no virtual accounts.',
    ],
  ],
  [{ nested: 'maybe' }, ['nested', 'nested-invalid', 'maybe is neither yes nor no.']],
  [
    { until: '31.12.2026' },
    [
      'until',
      'until-invalid',
      '31.12.2026 is neither a date like 2026-12-31 nor an instant in UTC like 2026-12-31T12:00:00Z.',
    ],
  ],
  [
    { until: '2027-02-30' },
    [
      'until',
      'until-invalid',
      '2027-02-30 is neither a date like 2026-12-31 nor an instant in UTC like 2026-12-31T12:00:00Z.',
    ],
  ],
  [{ until: '2026-11-21' }, ['until', 'until-past', '2026-11-21 is not in the future.']],
])('tells what is wrong with %j', (cells, [column, code, detail]) => {
  expect(read(cells).errors).toEqual([{ row: 2, column, code, detail }]);
});

it('takes one row for everybody, whatever the case of their address', () => {
  const rows = ['jo@x.example', 'al@x.example', 'JO@x.example', ''].map((email, index) => ({
    row: index + 2,
    email,
  }));
  expect(repeatedEmails([...rows, { row: 9, email: '' }])).toEqual([
    { row: 4, column: 'email', code: 'email-repeated', detail: 'JO@x.example is in row 2 already.' },
  ]);
});

it('a viewer is one everywhere', () => {
  expect(scopeMismatch('viewer', 'account')).toBeNull();
  expect(scopeMismatch('viewer', 'virtual-accounts')).toBeNull();
});

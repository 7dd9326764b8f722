import { mailAddressPattern, normalizeMailAddress } from '../accounts/index.ts';
import { closestOf } from '../orders/closest.ts';
import { type ColumnErrorCode, checkColumns } from '../orders/columns.ts';
import { type AccountRole, accountRoles, roleLevels } from './roles.ts';

/*
 * Invitations from the rows of a file: a row a person. Everything that can be told without looking anything up is told
 * here, for all rows at once.
 */

/** The columns of a file with invitations. Those with `true` must be in the header, and no row may leave them empty. */
const columns = {
  email: true,
  name: false,
  role: true,
  virtual_accounts: false,
  nested: false,
  until: false,
} as const satisfies Record<string, boolean>;

export type InvitationColumn = keyof typeof columns;
export const INVITATION_COLUMNS = Object.keys(columns) as readonly InvitationColumn[];

/** The most people that are invited at once. */
export const MAX_INVITATIONS = 200;

const longest = { email: 254, name: 120, virtual_accounts: 10_000 } as const;

export type InvitationErrorCode =
  | ColumnErrorCode
  | 'value-missing'
  | 'value-too-long'
  | 'control-characters'
  | 'email-invalid'
  | 'email-repeated'
  | 'role-invalid'
  | 'nested-invalid'
  | 'until-invalid'
  | 'until-past'
  | 'scope-not-for-role';

export interface InvitationError {
  /** Counted from 1; the header of a file is row 1. */
  readonly row: number;
  readonly column: string;
  readonly code: InvitationErrorCode;
  /** What is wrong, and what to write instead, in a sentence. */
  readonly detail: string;
}

export interface InvitationRow {
  readonly row: number;
  readonly email: string;
  readonly name: string | null;
  /** Null where it could not be read. */
  readonly role: AccountRole | null;
  /** Paths or ids; none for the whole account. */
  readonly virtualAccounts: readonly string[];
  /** Each with everything nested in it. */
  readonly nested: boolean;
  readonly until: Temporal.Instant | null;
}

export const checkInvitationHeader = (header: readonly string[]): InvitationError[] =>
  checkColumns(header, columns);

type Wrong = (column: InvitationColumn, code: InvitationErrorCode, detail: string) => void;

/** Reads one row below a good header; a column the file does not have is absent. Empty `nested` means no. */
export function readInvitation(
  row: number,
  cells: ReadonlyMap<string, string>,
  now: Temporal.Instant,
): { invitation: InvitationRow; errors: InvitationError[] } {
  const errors: InvitationError[] = [];
  const wrong: Wrong = (column, code, detail) => errors.push({ row, column, code, detail });
  const text = (column: InvitationColumn): string => {
    const value = cells.get(column)?.trim() ?? '';
    const most = longest[column as keyof typeof longest] ?? 100;
    const words = column.replaceAll('_', ' ');
    if (value === '' && columns[column]) wrong(column, 'value-missing', `The row has no ${words}.`);
    if (/\p{Cc}/u.test(value)) {
      wrong(column, 'control-characters', `The ${words} has a line break or other control character.`);
      return '';
    }
    if (value.length > most) {
      const detail = `The ${words} has ${value.length} characters; it may have at most ${most}.`;
      wrong(column, 'value-too-long', detail);
      return '';
    }
    return value;
  };
  const email = text('email');
  // The addresses that the API takes, too.
  if (email !== '' && !mailAddressPattern.test(normalizeMailAddress(email))) {
    wrong('email', 'email-invalid', `${email} is not a mail address.`);
  }
  const role = readRole(text('role'), wrong);
  const virtualAccounts = text('virtual_accounts')
    .split(';')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  if (role !== null) {
    const detail = scopeMismatch(role, virtualAccounts.length === 0 ? 'account' : 'virtual-accounts');
    if (detail !== null && !errors.some(({ column }) => column === 'virtual_accounts')) {
      wrong('virtual_accounts', 'scope-not-for-role', detail);
    }
  }
  const invitation = {
    row,
    email,
    name: text('name') || null,
    role,
    virtualAccounts,
    nested: readFlag(text('nested'), wrong),
    until: readUntil(text('until'), now, wrong),
  };
  return { invitation, errors };
}

/** Why a role is not given for the whole account, or not for single virtual accounts; null where it is. */
export function scopeMismatch(role: AccountRole, kind: 'account' | 'virtual-accounts'): string | null {
  if (roleLevels[role].includes(kind === 'account' ? 'account' : 'virtual-account')) return null;
  return kind === 'account'
    ? `The role ${role} is given for virtual accounts. Name at least one.`
    : `The role ${role} is given for the whole account. Name no virtual accounts.`;
}

/** Everybody has one row: those whose mail address is in an earlier row already. */
export function repeatedEmails(rows: readonly { row: number; email: string }[]): InvitationError[] {
  const first = new Map<string, number>();
  return rows.flatMap(({ row, email }) => {
    const key = normalizeMailAddress(email);
    const before = first.get(key);
    if (key === '') return [];
    if (before === undefined) {
      first.set(key, row);
      return [];
    }
    const detail = `${email} is in row ${before} already.`;
    return [{ row, column: 'email', code: 'email-repeated' as const, detail }];
  });
}

function readRole(given: string, wrong: Wrong): AccountRole | null {
  if (given === '') return null;
  const key = given.toLowerCase().replaceAll(/[\s_-]+/g, '-');
  const found = accountRoles.find((role) => role === key);
  if (found !== undefined) return found;
  const meant = closestOf(key, accountRoles);
  const hint = meant === null ? `The roles are ${accountRoles.join(', ')}.` : `Did you mean ${meant}?`;
  wrong('role', 'role-invalid', `${given} is not a role. ${hint}`);
  return null;
}

function readFlag(given: string, wrong: Wrong): boolean {
  const key = given.toLowerCase();
  if (['yes', 'true'].includes(key)) return true;
  if (!['', 'no', 'false'].includes(key)) {
    wrong('nested', 'nested-invalid', `${given} is neither yes nor no.`);
  }
  return false;
}

/** A date stands for its last second in UTC: the role holds on that day. */
function readUntil(given: string, now: Temporal.Instant, wrong: Wrong): Temporal.Instant | null {
  if (given === '') return null;
  const text = /^\d{4}-\d{2}-\d{2}$/.test(given) ? `${given}T23:59:59Z` : given;
  let until: Temporal.Instant | null = null;
  if (/^(19|[2-9]\d)\d{2}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/.test(text)) {
    try {
      until = Temporal.Instant.from(text);
    } catch {
      // Told below: a day that no month has is not a date.
    }
  }
  if (until === null) {
    const detail = `${given} is neither a date like 2026-12-31 nor an instant in UTC like 2026-12-31T12:00:00Z.`;
    wrong('until', 'until-invalid', detail);
  } else if (Temporal.Instant.compare(until, now) <= 0) {
    wrong('until', 'until-past', `${given} is not in the future.`);
  }
  return until;
}

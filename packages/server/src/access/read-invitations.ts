import {
  type AccountRole,
  checkInvitationHeader,
  type GrantScope,
  MAX_INVITATIONS,
  readInvitation,
  repeatedEmails,
  scopeMismatch,
} from '@estover/domain/access';
import { columnName } from '@estover/domain/orders';
import { invitation, invitations } from '@estover/protocol';
import { readTable, refuseOtherEncodings } from '../edge/csv.ts';
import { Refused } from '../edge/refused.ts';

/** Something wrong with a place of what was sent. */
export interface RowError {
  row: number;
  column: string;
  code: string;
  detail: string;
}

/** What a row wants, nothing looked up yet. */
export interface AskedInvitation {
  row: number;
  email: string;
  name: string | null;
  role: AccountRole;
  until: Temporal.Instant | null;
  /** Null for the whole account; otherwise virtual accounts by path or id. */
  virtualAccounts: readonly { named: string; nested: boolean }[] | null;
}

export interface InvitationsRead {
  /** Rows as far as they could be read, also with errors, so that what they name is looked up as well. */
  asked: AskedInvitation[];
  errors: RowError[];
  /** What errors of a row's role, or of its virtual accounts, are told with. */
  columns: { role: string; virtualAccounts: string };
  /** The role and scope for all, where there is one: then these are refused as a whole, not row by row. */
  common: { role: AccountRole; scope: GrantScope; until: Temporal.Instant | null } | null;
}

export function readInvitationsCsv(text: string, now: Temporal.Instant): InvitationsRead {
  const { header, rest } = readTable(text);
  const columns = { role: 'role', virtualAccounts: 'virtual_accounts' };
  const headerErrors = checkInvitationHeader(header);
  if (headerErrors.length > 0) return { asked: [], errors: headerErrors, columns, common: null };
  const rows = rest
    .map((cells, index) => ({ cells, row: index + 2 }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  refuseTooMany(rows.length);
  const names = header.map(columnName);
  const asked: AskedInvitation[] = [];
  const errors: RowError[] = [];
  const emails: { row: number; email: string }[] = [];
  for (const { row, cells } of rows) {
    const tooMany = cells.slice(names.length).some((cell) => cell.trim() !== '');
    if (cells.length < names.length || tooMany) {
      const detail = `The row has ${cells.length} cells, the header ${names.length}.`;
      errors.push({ row, column: names[0] ?? '', code: 'wrong-number-of-cells', detail });
      continue;
    }
    const read = readInvitation(row, new Map(names.map((name, index) => [name, cells[index] ?? ''])), now);
    const { email, name, role, virtualAccounts, nested, until } = read.invitation;
    errors.push(...read.errors);
    emails.push({ row, email });
    if (role === null || read.errors.some(({ column }) => column === 'virtual_accounts')) continue;
    const places = virtualAccounts.map((named) => ({ named, nested }));
    asked.push({
      row,
      email,
      name,
      role,
      until,
      virtualAccounts: places.length === 0 ? null : places,
    });
  }
  return { asked, errors: [...errors, ...repeatedEmails(emails)], columns, common: null };
}

/** Reads the JSON form; a row is the position of a person, from 1. */
export function readInvitationsJson(text: string, now: Temporal.Instant): InvitationsRead {
  const body = parsedBody(text);
  const columns = { role: 'role', virtualAccounts: 'scope' };
  const asked: AskedInvitation[] = [];
  const errors: RowError[] = [];
  for (const [index, one] of body.people.entries()) {
    const row = index + 1;
    const wrong = (column: string, code: string, detail: string) =>
      errors.push({ row, column, code, detail });
    const parsed = invitation.safeParse(one);
    if (!parsed.success) {
      for (const { path, code, message } of parsed.error.issues) wrong(path.join('/'), code, message);
      continue;
    }
    const { email, name = null } = parsed.data;
    const role = parsed.data.role ?? body.role;
    const scope = parsed.data.scope ?? body.scope;
    if (role === undefined) wrong('role', 'value-missing', 'Neither the row nor the whole names a role.');
    if (scope === undefined) wrong('scope', 'value-missing', 'Neither the row nor the whole names a scope.');
    const until = instantOf(parsed.data.until ?? body.until);
    if (until !== null && Temporal.Instant.compare(until, now) <= 0) {
      wrong('until', 'until-past', `${until} is not in the future.`);
    }
    if (role === undefined || scope === undefined) continue;
    const mismatch = scopeMismatch(role, scope.kind);
    if (mismatch !== null) wrong('scope', 'scope-not-for-role', mismatch);
    else asked.push({ row, email, name, role, until, virtualAccounts: placesOf(scope) });
  }
  const { role, scope } = body;
  const common =
    role === undefined || scope === undefined ? null : { role, scope, until: instantOf(body.until) };
  return { asked, errors: [...errors, ...repeatedEmails(asked)], columns, common };
}

function parsedBody(text: string) {
  refuseOtherEncodings(text);
  let given: unknown;
  try {
    given = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refused('malformed-body', `The body is not well-formed JSON: ${why}`);
  }
  const people: unknown =
    given !== null && typeof given === 'object' ? Reflect.get(given, 'people') : undefined;
  if (Array.isArray(people)) refuseTooMany(people.length);
  const parsed = invitations.safeParse(given);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message, code }) => ({
    pointer: ['body', ...path].join('/'),
    detail: message,
    code: code ?? 'invalid',
  }));
  throw new Refused('invalid-request', `${errors[0]?.pointer}: ${errors[0]?.detail}.`, { errors });
}

const placesOf = (scope: GrantScope): AskedInvitation['virtualAccounts'] =>
  scope.kind === 'account'
    ? null
    : scope.virtualAccounts.map(({ virtualAccountId, nested }) => ({ named: virtualAccountId, nested }));

const instantOf = (text: string | undefined): Temporal.Instant | null =>
  text === undefined ? null : Temporal.Instant.from(text);

function refuseTooMany(rows: number): void {
  if (rows === 0) throw new Refused('malformed-body', 'Nobody is named. Name at least one person.');
  if (rows <= MAX_INVITATIONS) return;
  throw new Refused(
    'body-too-large',
    `${rows} people are named; at most ${MAX_INVITATIONS} are invited at once. Send them in parts.`,
    { rows, maximum: MAX_INVITATIONS },
  );
}

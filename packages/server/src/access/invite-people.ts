import { normalizeScope } from '@estover/domain/access';
import { invitePeople, type ProblemDetail } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { findNamedPlaces, suggestPlaces } from './find-named-places.ts';
import { type Given, giveRole } from './give-role.ts';
import { grantAnswer, onlyVirtualAccount } from './grant-role.ts';
import { checkedScope, mayGiveEach, requireFuture, requireMayGive, type Wanted } from './granting.ts';
import { namedAccount } from './inviting.ts';
import { requireRecentProof } from './own-session.ts';
import {
  type InvitationsRead,
  type RowError,
  readInvitationsCsv,
  readInvitationsJson,
} from './read-invitations.ts';
import { lockAccount } from './scope.ts';

/** A row of which everything named was found. */
type Invitation = Wanted & { row: number; email: string; name: string };

/**
 * Invites everybody who is named or nobody. What is wrong with a role and scope for all is refused like that of a single
 * grant; what is wrong with rows is told for all of them at once.
 */
export const invitePeopleHandler = command(invitePeople, async (context, { params, body, contentType }) => {
  const { accountId } = params;
  const { trx, now } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const json = contentType === 'application/json';
  const read = json ? readInvitationsJson(body, now) : readInvitationsCsv(body, now);
  if (read.common !== null) {
    const { role, until } = read.common;
    const scope = await checkedScope(context, accountId, role, read.common.scope);
    requireFuture(until, now);
    await requireMayGive(context, accountId, { role, scope, until });
  }
  const { rows, errors } = await checkInvitations(context, accountId, read);
  if (errors.length > 0) throw refusalOf(errors);
  if (rows.some(({ role }) => role === 'account-administrator')) requireRecentProof(context);

  const account = await namedAccount(trx, accountId);
  const people = [];
  for (const { row, ...wanted } of rows) {
    people.push({ row, asked: wanted.name, ...(await giveRole(context, account, wanted)) });
  }
  const places = new Set(people.map(({ grant }) => onlyVirtualAccount(grant)));
  return {
    answer: { people: people.map((each) => ({ row: each.row, ...answerOf(context, each) })) },
    event: {
      accountId,
      objectKind: 'invitations',
      objectId: context.requestId,
      virtualAccountId: places.size === 1 ? ([...places][0] ?? null) : null,
      message: `gave ${people.length === 1 ? '1 person a role' : `${people.length} people roles`}: ${inWords(people)}`,
      after: {
        people: people.map(({ person, grant, isNew }) => ({
          personId: person.personId,
          email: person.email,
          given: isNew,
          ...grantAnswer(grant),
        })),
      },
    },
  };
});

/** So many people are named in the event's sentence; its facts name all. */
const named = 10;

function inWords(people: readonly Given[]): string {
  const shown = people.slice(0, named).map(({ person, grant }) => `${person.email} as ${grant.role}`);
  const more = people.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * A dry run, of which nobody hears, tells of whoever does not have the role yet as if they were new: it would say else who
 * is anywhere in this installation, and what they are called.
 */
const answerOf = (
  { dryRun, newId }: Context,
  { person, grant, isNew, told, asked }: Given & { asked: string },
) => ({
  personId: dryRun && isNew ? newId() : person.personId,
  email: person.email,
  name: dryRun && isNew ? asked : person.name,
  given: isNew,
  grant: grantAnswer(grant),
  mailed: told.mailed,
  // The link of a dry run leads nowhere.
  invitationLink: dryRun ? null : told.invitationLink,
});

/** Looks up what rows name, and asks for each whether the caller may give it. */
async function checkInvitations(
  context: Context,
  accountId: string,
  read: InvitationsRead,
): Promise<{ rows: Invitation[]; errors: RowError[] }> {
  const names = new Set(
    read.asked.flatMap(({ virtualAccounts }) => (virtualAccounts ?? []).map((each) => each.named)),
  );
  const found = await findNamedPlaces(context, accountId, [...names]);
  const isUnknown = [...names].some((name) => !found.has(name));
  const suggest = isUnknown ? await suggestPlaces(context, accountId) : () => '';
  const errors = [...read.errors];
  const rows: Invitation[] = [];
  for (const { row, email, name, role, until, virtualAccounts } of read.asked) {
    const virtual = (virtualAccounts ?? []).flatMap(({ named, nested }) => {
      const virtualAccountId = found.get(named);
      return virtualAccountId === undefined ? [] : [{ virtualAccountId, nested }];
    });
    for (const { named } of virtualAccounts ?? []) {
      if (found.has(named)) continue;
      const detail = `There is no virtual account ${named} here that you may see.${suggest(named)}`;
      errors.push({ row, column: read.columns.virtualAccounts, code: 'unknown-virtual-account', detail });
    }
    if (virtual.length < (virtualAccounts?.length ?? 0)) continue;
    const scope = normalizeScope(
      virtualAccounts === null ? { kind: 'account' } : { kind: 'virtual-accounts', virtualAccounts: virtual },
    );
    rows.push({ row, email, name: name ?? email, role, scope, until });
  }
  const may = await mayGiveEach(context, accountId, rows);
  for (const [index, { row, role }] of rows.entries()) {
    if (may[index]) continue;
    const detail = `The role ${role} in this scope, with this end, is more than you hold yourself.`;
    errors.push({ row, column: read.columns.role, code: 'grant-exceeds-own', detail });
  }
  return { rows, errors: errors.sort((left, right) => left.row - right.row) };
}

function refusalOf(errors: readonly RowError[]): Refused {
  const rows = new Set(errors.map((error) => error.row)).size;
  const first = errors[0];
  return new Refused(
    'import-refused',
    `${rows === 1 ? '1 row has' : `${rows} rows have`} errors${first === undefined ? '' : `; the first, in row ${first.row}: ${first.detail}`}`,
    {
      errors: errors.map(
        (error): ProblemDetail => ({ pointer: `body/${error.row}/${error.column}`, ...error }),
      ),
    },
  );
}

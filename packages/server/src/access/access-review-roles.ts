import { searchedAddress } from '@estover/domain/accounts';
import type { AnswerOf, listAccessReview, QueryOf } from '@estover/protocol';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { likeText } from '../database/like-text.ts';
import type { Context } from '../edge/context.ts';
import { isPartnerSql } from './partners.ts';
import { seenGrants, statusOf } from './people-view.ts';
import { chosenScope, scopeOf } from './scope.ts';

/* What every view of the access review reads: the roles that the caller reviews, whole or for counting. */

type Item = AnswerOf<typeof listAccessReview>['items'][number];

export type ReviewFilters = Omit<QueryOf<typeof listAccessReview>, 'limit' | 'cursor'>;

export interface ReviewedRow {
  personId: string;
  name: string;
  email: string;
  status: Item['person']['status'];
  partner: boolean;
  lastSignedInAt: Temporal.Instant | null;
  grantId: string;
  grant: Item['grant'];
  virtualAccountPaths: string[][];
  keptBy: string | null;
  keptAt: Temporal.Instant | null;
}

const before = (now: Temporal.Instant, days: number) =>
  sql`${now.subtract({ hours: 24 * days })}::timestamptz`;

/** SQL: whether a person `p` is a partner in the account `a`. */
export const isOfPartner = isPartnerSql(sql`a.domain_identifier`, sql`p.email`);

/** SQL: whether the grant `g` of the person `p` in the account `a`, last looked at as `k` says, passes the filters. */
function passes(now: Temporal.Instant, filters: ReviewFilters): RawBuilder<SqlBool> {
  const { search, role, partner, endingWithinDays, notSignedInForDays, notKeptForDays, personId } = filters;
  const like = likeText(search?.trim() ?? '');
  const conditions = [
    sql`true`,
    ...(search === undefined || search.trim() === ''
      ? []
      : [sql`(p.name ilike ${like} or p.email ilike ${likeText(searchedAddress(search))})`]),
    ...(role === undefined ? [] : [sql`g.role = ${role}`]),
    ...(partner === undefined ? [] : [sql`${isOfPartner} = ${partner}`]),
    ...(personId === undefined ? [] : [sql`g.person_id = ${personId}`]),
    ...(endingWithinDays === undefined
      ? []
      : [sql`g.until <= ${now.add({ hours: 24 * endingWithinDays })}::timestamptz`]),
    ...(notSignedInForDays === undefined
      ? []
      : [sql`coalesce(p.last_signed_in_at <= ${before(now, notSignedInForDays)}, true)`]),
    ...(notKeptForDays === undefined
      ? []
      : [sql`coalesce(k.kept_at <= ${before(now, notKeptForDays)}, true)`]),
  ];
  return sql<SqlBool>`${sql.join(conditions, sql` and `)}`;
}

/** SQL: whether the grant `g` reaches a virtual account: given there, above it with everything nested, or everywhere. */
const reaches = (context: Context, accountId: string, virtualAccountId: string) => sql<SqlBool>`(
  g.scope_kind = 'account' or g.grant_id in (
  select v.grant_id from virtual_account_ancestry up
    join held_grant_virtual_accounts v on v.account_id = up.account_id and v.virtual_account_id = up.ancestor_id
   where up.account_id = ${accountId} and up.descendant_id = ${virtualAccountId} and (v.nested or up.distance = 0)
     and ${scopeOf(context, accountId, 'manage-people').includes(sql`v.virtual_account_id`)}))`;

/**
 * Refuses a filter by a virtual account that the caller does not manage people in.
 *
 * @throws Refused `unknown-virtual-account`
 */
export async function requireSeenPlace(
  context: Context,
  accountId: string,
  { virtualAccountId }: Pick<ReviewFilters, 'virtualAccountId'>,
): Promise<void> {
  if (virtualAccountId === undefined) return;
  await chosenScope(context, accountId, 'manage-people', { virtualAccountId, nested: false });
}

/** The roles of some people that the caller reviews, in full; in the order of grants. Filters are those of `countedRoles`. */
export async function reviewedRoles(
  context: Context,
  accountId: string,
  filters: ReviewFilters,
  people: readonly string[],
): Promise<ReviewedRow[]> {
  const { rows } = await sql<ReviewedRow>`
    select p.id as "personId", p.name, p.email, ${statusOf('p')} as status, ${isOfPartner} as partner,
           p.last_signed_in_at as "lastSignedInAt", seen.grant_id as "grantId", seen.grant,
           k.kept_by as "keptBy", k.kept_at as "keptAt",
           coalesce((select jsonb_agg(to_jsonb(virtual_account_path(${accountId}, (each ->> 'virtualAccountId')::uuid)) order by place)
                       from jsonb_array_elements(seen.grant #> '{scope,virtualAccounts}') with ordinality as v (each, place)),
                    '[]') as "virtualAccountPaths"
      from (${seenGrants(context, accountId, people, 'manage-people')}) seen
      join people p on p.id = seen.person_id
      join accounts a on a.account_id = ${accountId}
      left join access_reviews k on k.account_id = ${accountId} and k.grant_id = seen.grant_id and k.person_id = p.id
      join (${countedRoles(context, accountId, filters, people)}) counted
        on counted.person_id = seen.person_id and counted.grant_id = seen.grant_id
     order by seen.grant_id`.execute(context.trx);
  return rows;
}

/** SQL: the roles that the caller reviews, of everybody or of some; with no more than counting and ordering them needs. */
export function countedRoles(
  context: Context,
  accountId: string,
  filters: ReviewFilters,
  people: readonly string[] | 'all' = 'all',
): RawBuilder<unknown> {
  const { virtualAccountId } = filters;
  const scope = scopeOf(context, accountId, 'manage-people');
  const reached = virtualAccountId === undefined ? sql`true` : reaches(context, accountId, virtualAccountId);
  const passed = passes(context.now, filters);
  return sql`
    select g.person_id, g.grant_id, g.role, g.scope_kind, p.name, p.email, k.kept_at
      from held_grants g
      join people p on p.id = g.person_id
      join accounts a on a.account_id = g.account_id
      left join access_reviews k
        on k.account_id = g.account_id and k.grant_id = g.grant_id and k.person_id = g.person_id
     where g.account_id = ${accountId} and (g.until is null or g.until > ${context.now})
       and case when g.scope_kind = 'account' then ${scope.everything}::boolean
                else g.grant_id in (select v.grant_id from held_grant_virtual_accounts v
                                     where v.account_id = ${accountId} and ${scope.includes(sql`v.virtual_account_id`)}) end
       and ${people === 'all' ? sql`true` : sql`g.person_id = any(${[...people]}::text[])`}
       and ${passed} and ${reached}`;
}

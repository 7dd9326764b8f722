import { type AccountAction, grantsThatAllow, sellerOf } from '@estover/domain/access';
import { searchedAddress } from '@estover/domain/accounts';
import type { heldGrant, person } from '@estover/protocol';
import { explainAccess, listPeople } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { likeText } from '../database/like-text.ts';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { seenScope, soldBy } from './grants-store.ts';
import { isPartnerSql } from './partners.ts';
import { canSignIn, isMailProved } from './people-store.ts';
import { placeOf, requireVirtualAccount, scopeOf } from './scope.ts';

type Person = z.output<typeof person>;
type HeldGrant = z.output<typeof heldGrant>;

const list = 'people';

/** People with a grant in the account that holds now, each with the grants the caller may see, cut to what they may see. */
export const listPeopleHandler = view(listPeople, async (context, { params, query }) => {
  const { trx } = context;
  const { accountId } = params;
  const after = decodeCursor(list, query.cursor, 2);
  const search = query.search?.trim();
  const like = likeText(search ?? '');
  const likeAddress = likeText(searchedAddress(search ?? ''));
  const partner = isPartnerSql(sql`a.domain_identifier`, sql`p.email`);
  const rows = await sql<Person>`
    with seen as (${seenGrants(context, accountId)})
    select p.id as "personId", p.name, p.email, ${statusOf('p')} as status, ${partner} as partner,
           jsonb_agg(seen.grant order by seen.grant_id) as grants
      from seen join people p on p.id = seen.person_id join accounts a on a.account_id = ${accountId}
     where ${query.partner === undefined ? sql`true` : sql`${partner} = ${query.partner}`} and ${search === undefined || search === '' ? sql`true` : sql`(p.name ilike ${like} or p.email ilike ${likeAddress})`}
       and ${after === null ? sql`true` : sql`(lower(p.name), p.id) > (lower(${after[0]}::text), ${after[1]}::text)`}
     group by p.id, a.account_id
     order by lower(p.name), p.id
     limit ${query.limit + 1}`.execute(trx);
  const item = (row: Person) => ({ ...row, grants: row.grants.map(withInstants) });
  return pageFrom(list, rows.rows, query.limit, item, (row) => [row.name, row.personId]);
});

/** Through which of the grants that the caller sees somebody may do something. */
export const explainAccessHandler = view(explainAccess, async (context, { params, query }) => {
  const { trx } = context;
  const { accountId, personId } = params;
  const { action, virtualAccountId } = query;
  const { rows } = await sql<{ grant: HeldGrant }>`
    with seen as (${seenGrants(context, accountId, personId)})
    select seen.grant from seen order by seen.grant_id`.execute(trx);
  // Somebody without a grant in the caller's sight is not in their list of people, either.
  if (rows.length === 0) throw notFound('person in this account');
  if (virtualAccountId !== undefined) {
    await requireVirtualAccount(context, accountId, virtualAccountId, 'view-people', {
      toRead: true,
      orUnknown: () =>
        new Refused(
          'unknown-virtual-account',
          `There is no virtual account ${virtualAccountId} here that you may see.`,
        ),
    });
  }
  const place = virtualAccountId === undefined ? null : await placeOf(trx, accountId, virtualAccountId);
  const held = rows.map(({ grant }) => withInstants(grant));
  const through = grantsThatAllow(held, action, place);
  return {
    allowed: through.length > 0,
    mailProved: await isMailProved(trx, personId),
    through,
    everythingSeen: scopeOf(context, accountId, 'view-people').everything,
    soldBy: sellerOf(held),
  };
});

/** What people hold now as far as the caller sees it, their own grants and those by groups; of everybody, or of some. */
export function seenGrants(
  context: Context,
  accountId: string,
  people: string | readonly string[] | null = null,
  action: AccountAction = 'view-people',
) {
  const scope = scopeOf(context, accountId, action);
  return sql`
    select held.person_id, held.grant_id, jsonb_build_object(
             'grantId', held.grant_id, 'role', held.role, 'scope', held.scope, 'until', held.until,
             'grantedBy', held.granted_by, 'grantedAt', held.granted_at,
             'soldBy', held.sold_by, 'group', case when held.group_id is not null
                           then jsonb_build_object('groupId', held.group_id, 'name', held.group_name) end) as grant
      from (select g.*, ${seenScope(scope)} as scope, ${soldBy} as sold_by from held_grants g
             where g.account_id = ${accountId} and (g.until is null or g.until > ${context.now})
               and ${people === null ? sql`true` : sql`g.person_id = any(${[people].flat()}::text[])`}) held
     where held.scope is not null`;
}

/** Whether somebody can sign in already; the name is that of the table of people in the query. */
export const statusOf = (people: string) => sql<Person['status']>`
  case when ${canSignIn(`${people}.id`)} then 'active' else 'invited' end`;

/** Inside JSON the database writes instants with an offset. */
export const withInstants = (grant: HeldGrant): HeldGrant => ({
  ...grant,
  until: grant.until === null ? null : Temporal.Instant.from(grant.until).toString(),
  grantedAt: Temporal.Instant.from(grant.grantedAt).toString(),
});

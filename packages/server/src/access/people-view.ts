import type { person } from '@estover/protocol';
import { listPeople } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { likeText } from '../database/like-text.ts';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { passwordProvider } from './people-store.ts';
import { scopeOf } from './scope.ts';

type Person = z.output<typeof person>;

const list = 'people';

/** People with a grant in the account that holds now, each with the grants the caller may see, cut to what they may see. */
export const listPeopleHandler = view(listPeople, async (context, { params, query }) => {
  const { trx, now } = context;
  const { accountId } = params;
  const scope = scopeOf(context, accountId, 'view-people');
  const after = decodeCursor(list, query.cursor, 2);
  const search = query.search?.trim();
  const like = likeText(search ?? '');
  const rows = await sql<Person>`
    with seen as (
      select g.person_id, g.grant_id, g.role, g.until, g.granted_by, g.granted_at, g.scope_kind,
             jsonb_agg(jsonb_build_object('virtualAccountId', v.virtual_account_id, 'nested', v.nested)
                       order by v.virtual_account_id) as virtual_accounts
        from grants g
        left join grant_virtual_accounts v on v.account_id = g.account_id and v.grant_id = g.grant_id
       where g.account_id = ${accountId} and (g.until is null or g.until > ${now})
         and case when g.scope_kind = 'account' then ${scope.everything} else ${scope.includes(sql`v.virtual_account_id`)} end
       group by g.account_id, g.grant_id
    )
    select p.id as "personId", p.name, p.email,
           case when exists (select 1 from sign_in_accounts s
                              where s.person_id = p.id and s.provider_id = ${passwordProvider} and s.password is not null)
                then 'active' else 'invited' end as status,
           jsonb_agg(jsonb_build_object(
             'grantId', seen.grant_id, 'role', seen.role,
             'scope', case when seen.scope_kind = 'account' then '{"kind":"account"}'::jsonb
                           else jsonb_build_object('kind', 'virtual-accounts', 'virtualAccounts', seen.virtual_accounts) end,
             'until', seen.until,
             'grantedBy', seen.granted_by,
             'grantedAt', seen.granted_at) order by seen.grant_id) as grants
      from seen join people p on p.id = seen.person_id
     where ${search === undefined || search === '' ? sql`true` : sql`(p.name ilike ${like} or p.email ilike ${like})`}
       and ${after === null ? sql`true` : sql`(lower(p.name), p.id) > (lower(${after[0]}::text), ${after[1]}::text)`}
     group by p.id
     order by lower(p.name), p.id
     limit ${query.limit + 1}`.execute(trx);
  return pageFrom(list, rows.rows, query.limit, withInstants, (row) => [row.name, row.personId]);
});

/** Inside JSON the database writes instants with an offset. */
const withInstants = (row: Person): Person => ({
  ...row,
  grants: row.grants.map((grant) => ({
    ...grant,
    until: grant.until === null ? null : Temporal.Instant.from(grant.until).toString(),
    grantedAt: Temporal.Instant.from(grant.grantedAt).toString(),
  })),
});

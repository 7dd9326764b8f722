import type { AnswerOf } from '@estover/protocol';
import { listGroupPeople, listGroups } from '@estover/protocol';
import { sql } from 'kysely';
import { likeText } from '../database/like-text.ts';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound } from '../edge/refused.ts';
import { groupAnswer } from './groups.ts';
import { findGroup, listedGroups } from './groups-store.ts';
import { isPartnerSql } from './partners.ts';
import { statusOf } from './people-view.ts';
import { scopeOf } from './scope.ts';

const groupList = 'groups';
const peopleList = 'group-people';

/** Groups that reach where the caller sees people, each with the part of its scope that the caller may see. */
export const listGroupsHandler = view(listGroups, async (context, { params, query }) => {
  const { accountId } = params;
  const after = decodeCursor(groupList, query.cursor, 1);
  const search = query.search?.trim() ?? '';
  const rows = await listedGroups(context.trx, accountId, scopeOf(context, accountId, 'view-people'), {
    like: search === '' ? null : likeText(search),
    after: after === null ? null : String(after[0]),
    limit: query.limit + 1,
  });
  return pageFrom(groupList, rows, query.limit, groupAnswer, (row) => [row.key]);
});

type Item = Omit<AnswerOf<typeof listGroupPeople>['items'][number], 'addedAt'> & {
  addedAt: Temporal.Instant;
};

/** Who is in a group. Whoever sees the group sees them: each has the part of the group's scope that the caller sees. */
export const listGroupPeopleHandler = view(listGroupPeople, async (context, { params, query }) => {
  const { trx } = context;
  const { accountId, groupId } = params;
  const group = await findGroup(trx, accountId, groupId, scopeOf(context, accountId, 'view-people'));
  if (group === undefined) throw notFound('group');
  const after = decodeCursor(peopleList, query.cursor, 2);
  const { rows } = await sql<Item>`
    select p.id as "personId", p.name, p.email, ${statusOf('p')} as status,
           ${isPartnerSql(sql`a.domain_identifier`, sql`p.email`)} as partner, m.added_by as "addedBy", m.added_at as "addedAt"
      from group_people m join people p on p.id = m.person_id join accounts a on a.account_id = m.account_id
     where m.account_id = ${accountId} and m.group_id = ${groupId}
       and ${after === null ? sql`true` : sql`(lower(p.name), p.id) > (lower(${after[0]}::text), ${after[1]}::text)`}
     order by lower(p.name), p.id
     limit ${query.limit + 1}`.execute(trx);
  const item = (row: Item) => ({ ...row, addedAt: row.addedAt.toString() });
  return pageFrom(peopleList, rows, query.limit, item, (row) => [row.name, row.personId]);
});

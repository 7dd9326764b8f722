import { searchedAddress } from '@estover/domain/accounts';
import { exportPersonData, getMyData, listAllPeople, listRemovals } from '@estover/protocol';
import { sql } from 'kysely';
import { requirePerson, requireRecentProof } from '../access/index.ts';
import { likeText } from '../database/like-text.ts';
import { command, type Handler, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound } from '../edge/refused.ts';
import { readPersonData } from './person-data-view.ts';
import { listRemovalRows } from './removals-store.ts';
import { removalAnswer } from './remove-person.ts';

const people = 'all-people';
const removals = 'removals';

interface PersonRow {
  personId: string;
  name: string;
  email: string;
  createdAt: Temporal.Instant;
  accounts: number;
}

export const privacyViews: readonly Handler[] = [
  view(getMyData, async (context) => {
    const data = await readPersonData(context, requirePerson(context).id);
    if (data === undefined) throw notFound('person');
    return data;
  }),

  command(exportPersonData, async (context, { params: { personId }, body: { reason } }) => {
    requireRecentProof(context);
    const data = await readPersonData(context, personId);
    if (data === undefined) throw notFound('person');
    return {
      answer: { data },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: personId,
        message: `exported all that is stored about ${data.person.email}: ${reason}`,
      },
    };
  }),

  view(listAllPeople, async ({ trx, now }, { query }) => {
    const after = decodeCursor(people, query.cursor, 2);
    const search = query.search?.trim() ?? '';
    const like = likeText(search);
    const { rows } = await sql<PersonRow>`
      select p.id as "personId", p.name, p.email, p.created_at as "createdAt",
             (select count(distinct g.account_id) from held_grants g
               where g.person_id = p.id and (g.until is null or g.until > ${now})) as accounts
        from people p
       where ${search === '' ? sql`true` : sql`(p.name ilike ${like} or p.email ilike ${likeText(searchedAddress(search))})`}
         and ${after === null ? sql`true` : sql`(lower(p.name), p.id) > (lower(${after[0]}::text), ${after[1]}::text)`}
       order by lower(p.name), p.id limit ${query.limit + 1}`.execute(trx);
    return pageFrom(
      people,
      rows,
      query.limit,
      (row) => ({ ...row, createdAt: row.createdAt.toString() }),
      (row) => [row.name, row.personId],
    );
  }),

  view(listRemovals, async ({ trx }, { query }) => {
    const after = decodeCursor(removals, query.cursor, 2);
    const rows = await listRemovalRows(trx, { limit: query.limit + 1, after });
    return pageFrom(removals, rows, query.limit, removalAnswer, (row) => [
      row.removedAt.toString(),
      row.personId,
    ]);
  }),
];

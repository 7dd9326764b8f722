import { type AnswerOf, downloadAccessReview, listAccessReview } from '@estover/protocol';
import { sql } from 'kysely';
import type { Context } from '../edge/context.ts';
import { fileView, view } from '../edge/operation.ts';
import { type CursorValues, decodeCursor, pageFrom } from '../edge/paging.ts';
import { type ColumnOf, csvFile, rowsOf } from '../reports/index.ts';
import {
  countedRoles,
  type ReviewedRow,
  type ReviewFilters,
  requireSeenPlace,
  reviewedRoles,
} from './access-review-roles.ts';
import { withInstants } from './people-view.ts';

type Item = AnswerOf<typeof listAccessReview>['items'][number];
type Filters = ReviewFilters;
type Row = ReviewedRow;

async function readRows(
  context: Context,
  accountId: string,
  filters: Filters,
  page: { after: CursorValues | null; limit: number },
): Promise<Row[]> {
  const { after } = page;
  const { rows: places } = await sql<{ personId: string; grantId: string }>`
    select person_id as "personId", grant_id as "grantId" from (${countedRoles(context, accountId, filters)}) r
     where ${
       after === null
         ? sql`true`
         : sql`(lower(name), person_id, grant_id) > (lower(${after[0]}::text), ${after[1]}::text, ${after[2]}::uuid)`
     }
     order by lower(name), person_id, grant_id limit ${page.limit}`.execute(context.trx);
  const people = [...new Set(places.map(({ personId }) => personId))];
  const keyOf = ({ personId, grantId }: { personId: string; grantId: string }) => `${personId} ${grantId}`;
  const rows = new Map(
    (await reviewedRoles(context, accountId, filters, people)).map((row) => [keyOf(row), row]),
  );
  return places.flatMap((place) => rows.get(keyOf(place)) ?? []);
}

const itemOf = (row: Row): Item => ({
  person: {
    personId: row.personId,
    name: row.name,
    email: row.email,
    status: row.status,
    partner: row.partner,
    lastSignedInAt: row.lastSignedInAt?.toString() ?? null,
  },
  grant: withInstants(row.grant),
  virtualAccountPaths: row.virtualAccountPaths,
  kept: row.keptBy === null || row.keptAt === null ? null : { by: row.keptBy, at: row.keptAt.toString() },
});

const placeOf = (row: Row): CursorValues => [row.name, row.personId, row.grantId];

const columns: readonly ColumnOf<Item>[] = [
  { key: 'name', title: 'Person', width: 24, value: ({ person }) => person.name },
  { key: 'email', title: 'Mail address', width: 32, value: ({ person }) => person.email },
  { key: 'partner', title: 'Partner', width: 8, value: ({ person }) => (person.partner ? 'yes' : 'no') },
  { key: 'status', title: 'Status', width: 10, value: ({ person }) => person.status },
  {
    key: 'lastSignedInAt',
    title: 'Last sign-in (UTC)',
    width: 24,
    value: ({ person }) => person.lastSignedInAt,
  },
  { key: 'role', title: 'Role', width: 30, value: ({ grant }) => grant.role },
  {
    key: 'where',
    title: 'Where',
    width: 40,
    value: ({ grant: { scope }, virtualAccountPaths }) =>
      scope.kind === 'account'
        ? 'the whole account'
        : scope.virtualAccounts
            .map(
              ({ nested }, index) =>
                `${virtualAccountPaths[index]?.join(' / ')}${nested ? ' with all in it' : ''}`,
            )
            .join('; '),
  },
  { key: 'soldBy', title: 'Limited to lots sold by', width: 24, value: ({ grant }) => grant.soldBy },
  { key: 'group', title: 'By the group', width: 24, value: ({ grant }) => grant.group?.name ?? null },
  { key: 'until', title: 'Ends (UTC)', width: 24, value: ({ grant }) => grant.until },
  { key: 'grantedBy', title: 'Given by', width: 24, value: ({ grant }) => grant.grantedBy },
  { key: 'grantedAt', title: 'Given (UTC)', width: 24, value: ({ grant }) => grant.grantedAt },
  { key: 'keptBy', title: 'Kept by', width: 24, value: ({ kept }) => kept?.by ?? null },
  { key: 'keptAt', title: 'Kept (UTC)', width: 24, value: ({ kept }) => kept?.at ?? null },
];

const list = 'access-review';
const rowsAtOnce = 1_000;

export const reviewHandlers = [
  view(listAccessReview, async (context, { params: { accountId }, query }) => {
    const { limit, cursor, ...filters } = query;
    const after = decodeCursor(list, cursor, 3);
    await requireSeenPlace(context, accountId, filters);
    const rows = await readRows(context, accountId, filters, { after, limit: limit + 1 });
    const { rows: counted } = await sql<{ total: number; neverKept: number }>`
      select count(*) as total, count(*) filter (where kept_at is null) as "neverKept"
        from (${countedRoles(context, accountId, filters)}) r`.execute(context.trx);
    return {
      ...pageFrom(list, rows, limit, itemOf, placeOf),
      total: counted[0]?.total ?? 0,
      neverKept: counted[0]?.neverKept ?? 0,
    };
  }),

  fileView(downloadAccessReview, async (context, { params: { accountId }, query }) => {
    await requireSeenPlace(context, accountId, query);
    const read = (after: CursorValues | null) =>
      readRows(context, accountId, query, { after, limit: rowsAtOnce });
    async function* batches() {
      for (let after: CursorValues | null = null; ; ) {
        const rows: Row[] = await read(after);
        yield rows.map(itemOf);
        const last = rows.at(-1);
        if (rows.length < rowsAtOnce || last === undefined) return;
        after = placeOf(last);
      }
    }
    const day = context.now.toZonedDateTimeISO('UTC').toPlainDate();
    return {
      contentType: 'text/csv; charset=utf-8; header=present',
      fileName: `estover-access-review-${day}.csv`,
      stream: csvFile({
        name: 'access-review',
        title: 'Access review',
        columns,
        batches: rowsOf(columns, batches()),
      }),
    };
  }),
];

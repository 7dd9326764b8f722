import { accountRoles, type ReviewedGrant, reviewCells } from '@estover/domain/access';
import { type AnswerOf, downloadAccessMatrix, listAccessMatrix } from '@estover/protocol';
import { sql } from 'kysely';
import type { Context } from '../edge/context.ts';
import { fileView, view } from '../edge/operation.ts';
import { type CursorValues, decodeCursor, pageFrom } from '../edge/paging.ts';
import { type ColumnOf, csvFile, rowsOf } from '../reports/index.ts';
import {
  countedRoles,
  isOfPartner,
  type ReviewedRow,
  type ReviewFilters,
  reviewedRoles,
} from './access-review-roles.ts';
import { roleTitles } from './access-review-words.ts';
import { statusOf } from './people-view.ts';

type Item = AnswerOf<typeof listAccessMatrix>['items'][number];
type Cell = Item['cells'][number];
type PersonRow = Omit<ReviewedRow, 'grantId' | 'grant' | 'virtualAccountPaths' | 'keptBy' | 'keptAt'>;

/** One page of people, and in a second query everything they hold. */
async function readPeople(
  context: Context,
  accountId: string,
  filters: ReviewFilters,
  page: { after: CursorValues | null; limit: number },
): Promise<(PersonRow & { cells: Cell[] })[]> {
  const { after } = page;
  const { rows: people } = await sql<PersonRow>`
    with page as (
      select person_id as id, lower(name) as place from (${countedRoles(context, accountId, filters)}) r
       where ${after === null ? sql`true` : sql`(lower(name), person_id) > (lower(${after[0]}::text), ${after[1]}::text)`}
       group by person_id, lower(name) order by lower(name), person_id limit ${page.limit})
    select p.id as "personId", p.name, p.email, ${statusOf('p')} as status, ${isOfPartner} as partner,
           p.last_signed_in_at as "lastSignedInAt"
      from page join people p on p.id = page.id join accounts a on a.account_id = ${accountId}
     order by page.place, page.id`.execute(context.trx);
  const ids = people.map(({ personId }) => personId);
  const rows = await reviewedRoles(context, accountId, filters, ids);
  const grantsOf = Map.groupBy(rows, ({ personId }) => personId);
  return people.map((person) => ({
    ...person,
    cells: reviewCells((grantsOf.get(person.personId) ?? []).map(reviewedGrant)).map(cellOf),
  }));
}

const reviewedGrant = ({ grant, virtualAccountPaths, keptBy, keptAt }: ReviewedRow): ReviewedGrant => ({
  grantId: grant.grantId,
  role: grant.role,
  virtualAccounts:
    grant.scope.kind === 'account'
      ? null
      : grant.scope.virtualAccounts.map((each, index) => ({
          ...each,
          path: virtualAccountPaths[index] ?? [],
        })),
  group: grant.group?.name ?? null,
  until: grant.until === null ? null : Temporal.Instant.from(grant.until),
  soldBy: grant.soldBy,
  kept: keptBy === null || keptAt === null ? null : { by: keptBy, at: keptAt },
});

const cellOf = ({ until, kept, virtualAccounts, ...cell }: ReturnType<typeof reviewCells>[number]): Cell => ({
  ...cell,
  virtualAccounts: virtualAccounts.map((place) => ({ ...place, path: [...place.path] })),
  until: until?.toString() ?? null,
  kept: kept === null ? null : { by: kept.by, at: kept.at.toString() },
});

const itemOf = ({ lastSignedInAt, cells, ...person }: PersonRow & { cells: Cell[] }): Item => ({
  person: { ...person, lastSignedInAt: lastSignedInAt?.toString() ?? null },
  cells,
});

const placeOf = ({ name, personId }: PersonRow): CursorValues => [name, personId];

/** A cell as the page shows it: where, and what a reviewer has to know of it. */
function inWords(cell: Cell | undefined): string | null {
  if (cell === undefined) return null;
  const { grantIds, groups, until, ending, soldBy, neverKept, kept } = cell;
  const roles = grantIds.length;
  const places = [
    ...(cell.wholeAccount ? ['the whole account'] : []),
    ...cell.virtualAccounts.map(({ path, nested }) => `${path.join(' / ')}${nested ? ' and nested' : ''}`),
  ];
  const marks = [
    ...groups.map((name) => `by the group ${name}`),
    ...(until === null ? [] : [roles === 1 ? `ends ${until}` : `${ending} of ${roles} end, first ${until}`]),
    ...(soldBy === null ? [] : [`lots sold by ${soldBy}`]),
    ...(neverKept === 0
      ? []
      : [neverKept === roles ? 'never looked at' : `${neverKept} of ${roles} never looked at`]),
    ...(kept === null ? [] : [`looked at ${kept.at} by ${kept.by}`]),
  ];
  return `${places.join('; ')} (${marks.join(', ')})`;
}

const columns: readonly ColumnOf<Item>[] = [
  { key: 'name', title: 'Person', width: 24, value: ({ person }) => person.name },
  { key: 'email', title: 'Mail address', width: 32, value: ({ person }) => person.email },
  { key: 'partner', title: 'Partner', width: 8, value: ({ person }) => (person.partner ? 'yes' : 'no') },
  {
    key: 'lastSignedInAt',
    title: 'Last sign-in (UTC)',
    width: 24,
    value: ({ person }) => person.lastSignedInAt,
  },
  ...accountRoles.map(
    (role): ColumnOf<Item> => ({
      key: role,
      title: roleTitles[role],
      width: 40,
      value: ({ cells }) => inWords(cells.find((cell) => cell.role === role)),
    }),
  ),
];

const list = 'access-matrix';
const peopleAtOnce = 500;

export const accessMatrixHandlers = [
  view(listAccessMatrix, async (context, { params: { accountId }, query }) => {
    const { limit, cursor, ...filters } = query;
    const after = decodeCursor(list, cursor, 2);
    const rows = await readPeople(context, accountId, filters, { after, limit: limit + 1 });
    const { rows: counted } = await sql<{ people: number; roles: number; neverKept: number }>`
      select count(distinct person_id) as people, count(*) as roles,
             count(*) filter (where kept_at is null) as "neverKept"
        from (${countedRoles(context, accountId, filters)}) r`.execute(context.trx);
    return {
      ...pageFrom(list, rows, limit, itemOf, placeOf),
      people: counted[0]?.people ?? 0,
      roles: counted[0]?.roles ?? 0,
      neverKept: counted[0]?.neverKept ?? 0,
    };
  }),

  fileView(downloadAccessMatrix, async (context, { params: { accountId }, query }) => {
    async function* batches() {
      for (let after: CursorValues | null = null; ; ) {
        const page: { after: CursorValues | null; limit: number } = { after, limit: peopleAtOnce };
        const rows = await readPeople(context, accountId, query, page);
        yield rows.map(itemOf);
        const last = rows.at(-1);
        if (rows.length < peopleAtOnce || last === undefined) return;
        after = placeOf(last);
      }
    }
    const day = context.now.toZonedDateTimeISO('UTC').toPlainDate();
    return {
      contentType: 'text/csv; charset=utf-8; header=present',
      fileName: `estover-access-matrix-${day}.csv`,
      stream: csvFile({
        name: 'access-matrix',
        title: 'Access review',
        columns,
        batches: rowsOf(columns, batches()),
      }),
    };
  }),
];

import {
  type AnswerOf,
  downloadAccessReview,
  keepAccess,
  listAccessReview,
  type QueryOf,
} from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import { likeText } from '../database/like-text.ts';
import type { Context } from '../edge/context.ts';
import { command, fileView, view } from '../edge/operation.ts';
import { type CursorValues, decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { type ColumnOf, csvFile, rowsOf } from '../reports/index.ts';
import { saveKept } from './access-review-store.ts';
import { makerOfKey } from './api-keys-store.ts';
import { isPartnerSql } from './partners.ts';
import { seenGrants, statusOf, withInstants } from './people-view.ts';

type Item = AnswerOf<typeof listAccessReview>['items'][number];
type Filters = QueryOf<typeof downloadAccessReview>;

interface Row {
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

/** SQL: roles that the caller reviews, with their people, as `r`. */
function reviewed(context: Context, accountId: string, filters: Filters): RawBuilder<unknown> {
  const { now } = context;
  const { search, role, partner, endingWithinDays, notSignedInForDays, notKeptForDays } = filters;
  const like = likeText(search?.trim() ?? '');
  const isOfPartner = isPartnerSql(sql`a.domain_identifier`, sql`p.email`);
  const conditions = [
    sql`true`,
    ...(search === undefined || search.trim() === ''
      ? []
      : [sql`(p.name ilike ${like} or p.email ilike ${like})`]),
    ...(role === undefined ? [] : [sql`seen.grant ->> 'role' = ${role}`]),
    ...(partner === undefined ? [] : [sql`${isOfPartner} = ${partner}`]),
    ...(endingWithinDays === undefined
      ? []
      : [
          sql`(seen.grant ->> 'until')::timestamptz <= ${now.add({ hours: 24 * endingWithinDays })}::timestamptz`,
        ]),
    ...(notSignedInForDays === undefined
      ? []
      : [sql`coalesce(p.last_signed_in_at <= ${before(now, notSignedInForDays)}, true)`]),
    ...(notKeptForDays === undefined
      ? []
      : [sql`coalesce(k.kept_at <= ${before(now, notKeptForDays)}, true)`]),
  ];
  return sql`(
    select p.id as "personId", p.name, p.email, ${statusOf('p')} as status, ${isOfPartner} as partner,
           p.last_signed_in_at as "lastSignedInAt", seen.grant_id as "grantId", seen.grant,
           k.kept_by as "keptBy", k.kept_at as "keptAt",
           coalesce((select jsonb_agg(to_jsonb(virtual_account_path(${accountId}, (each ->> 'virtualAccountId')::uuid)) order by place)
                       from jsonb_array_elements(seen.grant #> '{scope,virtualAccounts}') with ordinality as v (each, place)),
                    '[]') as "virtualAccountPaths"
      from (${seenGrants(context, accountId, null, 'manage-people')}) seen
      join people p on p.id = seen.person_id
      join accounts a on a.account_id = ${accountId}
      left join access_reviews k on k.account_id = ${accountId} and k.grant_id = seen.grant_id and k.person_id = p.id
     where ${sql.join(conditions, sql` and `)}) r`;
}

async function readRows(
  context: Context,
  accountId: string,
  filters: Filters,
  page: { after: CursorValues | null; limit: number },
): Promise<Row[]> {
  const { after } = page;
  const { rows } = await sql<Row>`
    select * from ${reviewed(context, accountId, filters)}
     where ${
       after === null
         ? sql`true`
         : sql`(lower(name), "personId", "grantId") > (lower(${after[0]}::text), ${after[1]}::text, ${after[2]}::uuid)`
     }
     order by lower(name), "personId", "grantId" limit ${page.limit}`.execute(context.trx);
  return rows;
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
    const rows = await readRows(context, accountId, filters, { after, limit: limit + 1 });
    const { rows: counted } = await sql<{ total: number; neverKept: number }>`
      select count(*) as total, count(*) filter (where "keptAt" is null) as "neverKept"
        from ${reviewed(context, accountId, filters)}`.execute(context.trx);
    return {
      ...pageFrom(list, rows, limit, itemOf, placeOf),
      total: counted[0]?.total ?? 0,
      neverKept: counted[0]?.neverKept ?? 0,
    };
  }),

  fileView(downloadAccessReview, async (context, { params: { accountId }, query }) => {
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

  command(keepAccess, async (context, { params: { accountId }, body }) => {
    const { trx, now, actor } = context;
    const { grantId, personId } = body;
    const { rows } = await sql<{ grant: Item['grant']; email: string }>`
      select seen.grant, p.email
        from (${seenGrants(context, accountId, personId, 'manage-people')}) seen join people p on p.id = seen.person_id
       where seen.grant_id = ${grantId}`.execute(trx);
    const [found] = rows;
    if (found === undefined) throw notFound('role of this person');
    const reviewer = actor.kind === 'api-key' ? await makerOfKey(trx, actor) : actor.id;
    if (reviewer === personId)
      throw new Refused('own-review', 'This is a role of the person who would keep it.');
    await saveKept(trx, { accountId, grantId, personId }, { by: actor.name, at: now });
    return {
      answer: { kept: { by: actor.name, at: now.toString() } },
      event: {
        accountId,
        objectKind: 'grant',
        objectId: grantId,
        message: `looked at the role ${found.grant.role} of ${found.email} and kept it`,
        after: { personId, email: found.email, role: found.grant.role, scope: found.grant.scope },
      },
    };
  }),
];

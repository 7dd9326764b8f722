import { isPartner } from '@estover/domain/access';
import { type AnswerOf, listAccessRequests } from '@estover/protocol';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { type AccessRequestRow, accessRequestColumns, requestAsOf } from './access-requests-store.ts';
import { scopeAsJson } from './grants-store.ts';
import { scopeOf } from './scope.ts';

type Answer = AnswerOf<typeof listAccessRequests>['items'][number];

/** A request with what its list says of it beside. */
interface ListedRequest extends AccessRequestRow {
  name: string;
  email: string;
  domainIdentifier: string;
  virtualAccountPath: string[] | null;
  given: Answer['given'];
}

/**
 * SQL: whether the caller may answer the request `r`. Who may do so in the whole account answers all; the others those for
 * virtual accounts in which they may.
 */
export function mayAnswer(context: Context, accountId: string): RawBuilder<SqlBool> {
  const scope = scopeOf(context, accountId, 'answer-access-requests');
  return scope.everything
    ? sql<SqlBool>`true`
    : sql<SqlBool>`(r.virtual_account_id is not null and ${scope.includes(sql`r.virtual_account_id`)})`;
}

/** SQL: the requests of an account that the caller may answer, with who asked and what was given. */
const listed = (context: Context, accountId: string) => sql`
  select ${accessRequestColumns}, p.name, p.email, a.domain_identifier as "domainIdentifier",
         case when v.virtual_account_id is not null
              then virtual_account_path(r.account_id, r.virtual_account_id) end as "virtualAccountPath",
         (select jsonb_build_object('role', g.role, 'until', g.until, 'scope', ${scopeAsJson})
            from held_grants g where g.account_id = r.account_id and g.grant_id = r.grant_id) as given
    from access_requests r
    join people p on p.id = r.person_id
    join accounts a on a.account_id = r.account_id
    left join virtual_accounts v on v.account_id = r.account_id and v.virtual_account_id = r.virtual_account_id
     and v.deleted_at is null
   where r.account_id = ${accountId} and ${mayAnswer(context, accountId)}`;

const answerOf = (row: ListedRequest, now: Temporal.Instant): Answer => {
  const { requestId, identifier, role, place, reason, state, askedAt, endsAt, stateSince, ...more } =
    requestAsOf(row, now);
  return {
    requestId,
    identifier,
    role,
    place,
    reason,
    state,
    askedAt: askedAt.toString(),
    endsAt: endsAt.toString(),
    stateSince: stateSince.toString(),
    person: {
      personId: row.personId,
      name: row.name,
      email: row.email,
      partner: isPartner(row.domainIdentifier, row.email),
    },
    virtualAccountId: row.virtualAccountPath === null ? null : more.virtualAccountId,
    virtualAccountPath: row.virtualAccountPath,
    answeredBy: more.answeredBy,
    answer: more.answer,
    given:
      row.given === null
        ? null
        : {
            ...row.given,
            // Inside JSON the database writes instants with an offset.
            until: row.given.until === null ? null : Temporal.Instant.from(row.given.until).toString(),
          },
  };
};

/** One request, as the caller sees it; it is there, and they may see it. */
export async function accessRequestAnswer(
  context: Context,
  accountId: string,
  requestId: string,
): Promise<Answer> {
  const { rows } = await sql<ListedRequest>`
    select * from (${listed(context, accountId)}) listed where "requestId" = ${requestId}`.execute(
    context.trx,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the request was just changed');
  return answerOf(row, context.now);
}

const list = 'access-requests';

export const listAccessRequestsHandler = view(listAccessRequests, async (context, { params, query }) => {
  const { trx, now } = context;
  const { accountId } = params;
  const after = decodeCursor(list, query.cursor, 3);
  const state = sql`(case when state = 'waiting' and "endsAt" <= ${now} then 'expired' else state end)`;
  const rank = sql`(case when ${state} = 'waiting' then 1 else 0 end)`;
  const { rows } = await sql<ListedRequest & { rank: number }>`
    select *, ${rank} as rank from (${listed(context, accountId)}) listed
     where ${query.state === undefined ? sql`true` : sql`${state} = ${query.state}`}
       and ${
         after === null
           ? sql`true`
           : sql`(${rank}, "askedAt", "requestId") < (${after[0]}::int, ${after[1]}::timestamptz, ${after[2]}::uuid)`
       }
     order by ${rank} desc, "askedAt" desc, "requestId" desc
     limit ${query.limit + 1}`.execute(trx);
  const counted = await sql<{ waiting: number }>`
    select count(*) as waiting from access_requests r
     where r.account_id = ${accountId} and r.state = 'waiting' and r.ends_at > ${now}
       and ${mayAnswer(context, accountId)}`.execute(trx);
  const page = pageFrom(
    list,
    rows,
    query.limit,
    (row) => answerOf(row, now),
    (row) => [String(row.rank), row.askedAt.toString(), row.requestId],
  );
  return { ...page, waiting: counted.rows[0]?.waiting ?? 0 };
});

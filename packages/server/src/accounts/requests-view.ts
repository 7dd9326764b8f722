import { readsLikeTeam, reviewDueAt, searchedAddress } from '@estover/domain/accounts';
import { type AnswerOf, type accountRequest, listAccountRequests } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { type RequestRow, requestColumns } from './requests-store.ts';
import { countOverdueReviews, readReviewDays } from './review-store.ts';

export function requestAnswer(
  row: RequestRow,
  now: Temporal.Instant,
  reviewDays: number,
): z.output<typeof accountRequest> {
  const dueAt = reviewDueAt(row, reviewDays);
  return {
    ...row,
    questionAt: row.questionAt?.toString() ?? null,
    answeredAt: row.answeredAt?.toString() ?? null,
    reviewDueAt: dueAt?.toString() ?? null,
    isOverdue: dueAt !== null && Temporal.Instant.compare(dueAt, now) <= 0,
    approverIsTeam: readsLikeTeam(row.approverEmail),
    requestedAt: row.requestedAt.toString(),
    stateSince: row.stateSince.toString(),
    endsAt: row.endsAt?.toString() ?? null,
  };
}

const list = 'account-requests';

/** Those that wait for an operator have rank 1, all others 0. */
const rank = sql`(case when r.state = 'under-review' then 1 else 0 end)`;

export const listAccountRequestsHandler = view(
  listAccountRequests,
  async ({ trx, now }, { query }): Promise<AnswerOf<typeof listAccountRequests>> => {
    const after = decodeCursor(list, query.cursor, 3);
    const search = query.search?.trim().toLowerCase() ?? '';
    const searched = sql`lower(concat_ws(' ', r.company_name, r.domain_identifier, r.requester_email, r.approver_email))`;
    const { rows } = await sql<RequestRow>`
      select ${requestColumns} from account_requests r
       where ${query.state === undefined ? sql`true` : sql`r.state = ${query.state}`}
         and ${search === '' ? sql`true` : sql`(strpos(${searched}, ${search}) > 0 or strpos(${searched}, ${searchedAddress(search)}) > 0)`}
         and ${
           after === null
             ? sql`true`
             : sql`(${rank}, r.requested_at, r.request_id) < (${after[0]}::int, ${after[1]}::timestamptz, ${after[2]}::uuid)`
         }
       order by ${rank} desc, r.requested_at desc, r.request_id desc
       limit ${query.limit + 1}`.execute(trx);
    const { underReview } = await trx
      .selectFrom('account_requests')
      .select(({ fn }) => fn.countAll<number>().as('underReview'))
      .where('state', '=', 'under-review')
      .executeTakeFirstOrThrow();
    const reviewDays = await readReviewDays(trx);
    const answerOf = (row: RequestRow) => requestAnswer(row, now, reviewDays);
    const page = pageFrom(list, rows, query.limit, answerOf, (row) => [
      row.state === 'under-review' ? '1' : '0',
      row.requestedAt.toString(),
      row.requestId,
    ]);
    return { ...page, underReview, overdue: await countOverdueReviews(trx, now), reviewDays };
  },
);

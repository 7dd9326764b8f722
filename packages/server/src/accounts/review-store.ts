import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { RequestRow } from './requests-store.ts';

/** Days a review may take. */
export async function readReviewDays(trx: Trx): Promise<number> {
  const row = await trx
    .selectFrom('review_settings')
    .select('review_days as reviewDays')
    .executeTakeFirstOrThrow();
  return row.reviewDays;
}

export async function saveReviewDays(trx: Trx, reviewDays: number): Promise<void> {
  await trx.updateTable('review_settings').set({ review_days: reviewDays }).execute();
}

/** What was asked about a request, and what was answered. */
export async function saveReviewTalk(
  trx: Trx,
  request: Pick<RequestRow, 'requestId' | 'question' | 'questionAt' | 'questionBy' | 'answer' | 'answeredAt'>,
): Promise<void> {
  await trx
    .updateTable('account_requests')
    .set({
      question: request.question,
      question_at: request.questionAt,
      question_by: request.questionBy,
      answer: request.answer,
      answered_at: request.answeredAt,
    })
    .where('request_id', '=', request.requestId)
    .execute();
}

/** How many reviews have taken longer than they may; the condition is that of the domain's `reviewDueAt`. */
export async function countOverdueReviews(trx: Trx, now: Temporal.Instant): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from account_requests, review_settings
     where state = 'under-review' and (question_at is null or answered_at is not null)
       and coalesce(answered_at, state_since) + make_interval(hours => 24 * review_days) <= ${now}`.execute(
    trx,
  );
  return rows[0]?.count ?? 0;
}

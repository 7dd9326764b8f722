import type { RequestState } from './request-states.ts';

/** The most days that can be set for a review. */
export const longestReviewDays = 90;

/** What the clock of a review is read from. */
export interface ReviewFacts {
  readonly state: RequestState;
  readonly stateSince: Temporal.Instant;
  /** When the operator asked the requester something, and when they answered; null where nobody did. */
  readonly questionAt: Temporal.Instant | null;
  readonly answeredAt: Temporal.Instant | null;
}

/**
 * Until when an operator answers a request under review. The clock stands while a question waits for the requester, and
 * begins anew with their answer; null where it is not the operator's turn.
 */
export function reviewDueAt(facts: ReviewFacts, reviewDays: number): Temporal.Instant | null {
  const { state, stateSince, questionAt, answeredAt } = facts;
  if (state !== 'under-review' || (questionAt !== null && answeredAt === null)) return null;
  return (answeredAt ?? stateSince).add({ hours: 24 * reviewDays });
}

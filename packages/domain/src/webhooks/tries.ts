/*
 * When something is sent again that was not taken (Standard Webhooks 1.0.0, "Delivery"). Seconds, because the first
 * repeat comes at once.
 */

const minute = 60;
const hour = 60 * minute;

/** Seconds until the next try, after the first, the second and so on: in all, some four days. */
export const retrySeconds = [
  5,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const;

/** Each pause is longer by up to this part of it, so that those who failed together do not come back together. */
const jitter = 0.2;

/** A receiver that asks for patience gets this much at most. */
const longestWaitSeconds = 24 * hour;

/** So long may everything that is sent to a webhook fail; then it is switched off. */
export const failingHours = 5 * 24;

/** What became of one try: the HTTP status, or null where no answer came. */
export interface TryResult {
  status: number | null;
  /** Of the header `Retry-After`, in seconds from now; null without one that can be read. */
  retryAfterSeconds: number | null;
}

export type NextTry =
  | { kind: 'delivered' }
  /** The receiver said that it is gone for good: nothing more is sent to it. */
  | { kind: 'gone' }
  | { kind: 'again'; inSeconds: number }
  | { kind: 'given-up' };

/**
 * Says what follows from a try. Only 2xx is success: a redirect is a failure, because it is not followed.
 *
 * @param tries how many there were, this one counted
 * @param chance from 0 to 1, for the jitter
 */
export function nextTry({ status, retryAfterSeconds }: TryResult, tries: number, chance: number): NextTry {
  if (status !== null && status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'gone' };
  const pause = retrySeconds[tries - 1];
  if (pause === undefined) return { kind: 'given-up' };
  const asked = status === 429 || status === 503 ? retryAfterSeconds : null;
  if (asked !== null)
    return { kind: 'again', inSeconds: Math.min(Math.max(asked, pause), longestWaitSeconds) };
  return { kind: 'again', inSeconds: Math.round(pause * (1 + jitter * chance)) };
}

/** Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. Null where it is neither. */
export function readRetryAfter(value: string | undefined, now: Temporal.Instant): number | null {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const at = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now.epochMilliseconds) / 1000));
}

/** Whether a webhook has failed for so long, without one success, that it is switched off. */
export const hasFailedForLong = (failingSince: Temporal.Instant, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(failingSince.add({ hours: failingHours }), now) <= 0;

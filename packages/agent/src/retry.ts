/** Retries: exponential with full jitter, so that 100,000 instances do not come back in one second. */
export const firstRetrySeconds = 5;
export const longestRetrySeconds = 3600;
/** A server's `Retry-After` is honoured up to a day. */
export const longestRetryAfterSeconds = 86_400;

/**
 * Seconds until the next attempt.
 *
 * @param failures consecutive failures so far, 1 after the first
 * @param random from 0 to just below 1
 * @param retryAfterSeconds what the server asked for, if it did; never undercut
 */
export function retryDelaySeconds(failures: number, random: number, retryAfterSeconds = 0): number {
  const ceiling = Math.min(longestRetrySeconds, firstRetrySeconds * 2 ** Math.min(failures - 1, 20));
  const asked = Math.min(longestRetryAfterSeconds, Math.max(0, retryAfterSeconds));
  // What was asked for is jittered upwards: everybody was told the same number.
  return Math.max(
    1,
    Math.ceil(asked > 0 ? asked + random * Math.max(ceiling, asked * 0.1) : random * ceiling),
  );
}

/** A regular contact, somewhat early so that instances which started together drift apart; never late. Seconds. */
export function contactDelaySeconds(nextContactSeconds: number, random: number): number {
  return Math.max(1, Math.floor(nextContactSeconds * (1 - 0.05 * random)));
}

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): seconds or an HTTP date.
 *
 * @returns seconds from `at`, or undefined when there is none or it cannot be read
 */
export function readRetryAfter(value: string | undefined, at: Temporal.Instant): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value.trim());
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - at.epochMilliseconds) / 1000));
}

import type { FastifyReply } from 'fastify';
import { Refused } from './refused.ts';

/**
 * Bounds tries by key (a mail address, a network): each key may make `burst` tries at once and then one every
 * `refillSeconds`. Keys beyond `maximumKeys` push out others, so that memory stays bounded: of those that were quiet the
 * longest the one with most tries left, because who makes keys up must not have one forgotten that has none left.
 * Counts are of one process; with several servers the bound is that much higher.
 */
export interface AttemptLimiter {
  /** Counts a try: 0 if it may be made, else the seconds to wait. */
  take(key: string, now: Temporal.Instant): number;
  /** Forgets the tries of a key, after one that went well. */
  clear(key: string): void;
  /** Gives one try back, which went well. */
  giveBack(key: string): void;
}

/** Of so many quiet keys the one with most tries left is forgotten. */
const quiet = 32;

export function createAttemptLimiter({
  burst,
  refillSeconds,
  maximumKeys = 10_000,
}: {
  burst: number;
  refillSeconds: number;
  maximumKeys?: number;
}): AttemptLimiter {
  // Milliseconds, so that nothing is lost in fractions.
  const refill = refillSeconds * 1000;
  const buckets = new Map<string, { credit: number; at: number }>();

  const forgetOne = (at: number): void => {
    let chosen: string | undefined;
    let most = -1;
    let looked = 0;
    for (const [key, bucket] of buckets) {
      const credit = Math.min(burst * refill, bucket.credit + Math.max(0, at - bucket.at));
      if (credit > most) [chosen, most] = [key, credit];
      if (++looked === quiet || most === burst * refill) break;
    }
    if (chosen !== undefined) buckets.delete(chosen);
  };

  return {
    take(key, now) {
      const at = now.epochMilliseconds;
      const known = buckets.get(key) ?? { credit: burst * refill, at };
      const credit = Math.min(burst * refill, known.credit + Math.max(0, at - known.at));
      const allowed = credit >= refill;
      // Written anew at the end of the map's order: the first key is always the quietest.
      buckets.delete(key);
      if (buckets.size >= maximumKeys) forgetOne(at);
      buckets.set(key, { credit: allowed ? credit - refill : credit, at });
      return allowed ? 0 : Math.ceil((refill - credit) / 1000);
    },
    clear: (key) => void buckets.delete(key),
    giveBack(key) {
      const bucket = buckets.get(key);
      if (bucket !== undefined) bucket.credit = Math.min(burst * refill, bucket.credit + refill);
    },
  };
}

/**
 * Counts a try.
 *
 * @throws Refused `too-many-requests` with the time to wait, in `Retry-After` as well
 */
export function requireTry(
  limiter: AttemptLimiter,
  key: string,
  now: Temporal.Instant,
  reply: Pick<FastifyReply, 'header'>,
): void {
  const seconds = limiter.take(key, now);
  if (seconds === 0) return;
  reply.header('retry-after', seconds);
  throw new Refused('too-many-requests', `Too many tries. The next one may be made in ${seconds} seconds.`, {
    retryAfterSeconds: seconds,
  });
}

/** Whoever has one IPv6 address has 2^64 of them, so tries are counted by /64. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const after = address.includes('::') ? tail.split(':').filter((group) => group !== '') : [];
  const missing = Math.max(0, 8 - groups.length - after.length);
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...after].slice(0, 4).join(':');
}

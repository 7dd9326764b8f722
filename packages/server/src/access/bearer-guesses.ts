import { createAttemptLimiter, networkOf } from '../edge/attempt-limiter.ts';
import { Refused } from '../edge/refused.ts';
import { hashSecret } from './api-keys-store.ts';

/** A program with a wrong secret tries it now and then; one that guesses tries all the time. */
const bearerBound = { burst: 200, refillSeconds: 5 } as const;

/** Secrets that are remembered to have been somebody's; the first is forgotten first. */
const mostRemembered = 10_000;

/** Bounds how many secrets that are nobody's a network may try as bearers. */
export interface BearerGuesses {
  /**
   * Looks a secret up, and counts it if it is nobody's. One that was found before is looked up in any case, so that
   * nobody in a network keeps programs there from going on.
   *
   * @throws Refused `too-many-requests`
   */
  look<Found>(
    given: { secret: string; from: string; now: Temporal.Instant },
    find: () => Promise<Found | undefined>,
  ): Promise<Found | undefined>;
}

export function createBearerGuesses(): BearerGuesses {
  const limiter = createAttemptLimiter(bearerBound);
  const remembered = new Set<string>();
  return {
    async look({ secret, from, now }, find) {
      const hash = hashSecret(secret).toString('base64');
      if (remembered.has(hash)) return find();
      const network = networkOf(from);
      // Counted before it is looked up, so that guesses at once are counted like those one by one.
      const seconds = limiter.take(network, now);
      if (seconds > 0) {
        throw new Refused(
          'too-many-requests',
          `Too many unknown secrets came from your network. The next one is looked at in ${seconds} seconds.`,
          { retryAfterSeconds: seconds },
        );
      }
      let isNobodys = false;
      try {
        const found = await find();
        isNobodys = found === undefined;
        if (!isNobodys) remembered.add(hash);
        const [first] = remembered;
        if (remembered.size > mostRemembered && first !== undefined) remembered.delete(first);
        return found;
      } finally {
        if (!isNobodys) limiter.giveBack(network);
      }
    },
  };
}

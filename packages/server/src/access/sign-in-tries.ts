import type { FastifyReply } from 'fastify';
import { createAttemptLimiter } from '../edge/attempt-limiter.ts';
import { Refused } from '../edge/refused.ts';
import { hasRoomForPasswords, tooManyPasswords } from './password-hash.ts';

/**
 * How many tries of each kind may be made, and how they come back. A person mistypes a few times; a program that guesses
 * gets some 30 tries an hour at one person. Somebody who cannot find a mail asks again; a program that asks for others
 * fills their boxes.
 */
const bounds = {
  /** Passwords, by mail address. */
  password: { burst: 10, refillSeconds: 120 },
  /** Codes of an authenticator app and recovery codes, by person. */
  code: { burst: 10, refillSeconds: 120 },
  /** All kinds, by network. */
  network: { burst: 60, refillSeconds: 2 },
  /** Links for a new password, by mail address from one network, and by network. */
  reset: { burst: 3, refillSeconds: 1200 },
  'reset-network': { burst: 20, refillSeconds: 30 },
} as const;

export type TryKind = keyof typeof bounds;

export interface SignInTries {
  /**
   * Counts a try.
   *
   * @throws Refused `too-many-requests`, with the seconds to wait
   */
  count(reply: FastifyReply, kind: TryKind, key: string): void;
  /** Forgets the tries of a key, after one that went well. */
  clear(kind: TryKind, key: string): void;
  /**
   * Sees that another password can be looked at soon.
   *
   * @throws Refused `too-many-requests`
   */
  roomForPassword(reply: FastifyReply): void;
}

export function createSignInTries(now: () => Temporal.Instant): SignInTries {
  const limiters = new Map(
    Object.entries(bounds).map(([kind, bound]) => [kind, createAttemptLimiter(bound)]),
  );
  return {
    count(reply, kind, key) {
      const seconds = limiters.get(kind)?.take(key, now()) ?? 0;
      if (seconds === 0) return;
      reply.header('retry-after', seconds);
      throw new Refused(
        'too-many-requests',
        `Too many tries. The next one may be made in ${seconds} seconds.`,
        { retryAfterSeconds: seconds },
      );
    },
    clear: (kind, key) => limiters.get(kind)?.clear(key),
    roomForPassword(reply) {
      if (hasRoomForPasswords()) return;
      reply.header('retry-after', 2);
      throw tooManyPasswords();
    },
  };
}

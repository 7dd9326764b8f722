import type { FastifyReply, FastifyRequest } from 'fastify';
import { createAttemptLimiter, networkOf } from '../edge/attempt-limiter.ts';
import { Refused } from '../edge/refused.ts';
import type { Installation } from '../installation/index.ts';
import { knownBrowserOf } from './known-browser.ts';
import { hasRoomForPasswords, tooManyPasswords } from './password-hash.ts';
import { mailKey } from './people-store.ts';

/**
 * How many tries of each kind may be made, and how they come back. A person mistypes a few times; a program that guesses
 * gets some 30 tries an hour at one person, from however many networks. Somebody who cannot find a mail asks again; a program that asks for others
 * fills their boxes.
 */
const bounds = {
  /** Passwords, by mail address from one network, or in one browser in which the person has signed in before. */
  password: { burst: 10, refillSeconds: 120 },
  /** Passwords, by mail address from all networks together, without those browsers: nobody elsewhere keeps them out. */
  'password-anywhere': { burst: 50, refillSeconds: 120 },
  /** Passwords of a person who is signed in and proves who they are. */
  'own-password': { burst: 10, refillSeconds: 120 },
  /** Codes of an authenticator app and recovery codes, by person. */
  code: { burst: 10, refillSeconds: 120 },
  /** All kinds, by network, or by browser in which somebody has signed in before. */
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
   * Counts a request of sign-in by where it comes from: the browser, if somebody has signed in in it before, else the
   * network. So nobody else in a network keeps them from going on.
   *
   * @throws Refused `too-many-requests`
   */
  countOrigin(request: FastifyRequest, reply: FastifyReply): void;
  /**
   * Counts a try at somebody's password, and sees that it can be looked at soon. Answers what is to be done when it was
   * the right one.
   *
   * @throws Refused `too-many-requests`
   */
  countPassword(request: FastifyRequest, reply: FastifyReply, email: string): () => void;
  /** Forgets the tries at somebody's password, also of all networks, once they chose a new one with a link. */
  forgetPassword(request: FastifyRequest, email: string): void;
  /**
   * Sees that another password can be looked at soon.
   *
   * @throws Refused `too-many-requests`
   */
  roomForPassword(reply: FastifyReply): void;
}

export function createSignInTries(
  now: () => Temporal.Instant,
  keys: Pick<Installation, 'derive' | 'publicUrl'>,
): SignInTries {
  const limiters = new Map(
    Object.entries(bounds).map(([kind, bound]) => [kind, createAttemptLimiter(bound)]),
  );
  const count: SignInTries['count'] = (reply, kind, key) => {
    const seconds = limiters.get(kind)?.take(key, now()) ?? 0;
    if (seconds === 0) return;
    reply.header('retry-after', seconds);
    throw new Refused(
      'too-many-requests',
      `Too many tries. The next one may be made in ${seconds} seconds.`,
      { retryAfterSeconds: seconds },
    );
  };
  const roomForPassword: SignInTries['roomForPassword'] = (reply) => {
    if (hasRoomForPasswords()) return;
    reply.header('retry-after', 2);
    throw tooManyPasswords();
  };
  return {
    count,
    roomForPassword,
    clear: (kind, key) => limiters.get(kind)?.clear(key),
    countOrigin: (request, reply) =>
      count(reply, 'network', knownBrowserOf(request, keys, now())?.id ?? networkOf(request.ip)),
    forgetPassword(request, email) {
      limiters.get('password')?.clear(`${mailKey(email)} ${networkOf(request.ip)}`);
      limiters.get('password-anywhere')?.clear(mailKey(email));
    },
    countPassword(request, reply, email) {
      const person = mailKey(email);
      const browser = knownBrowserOf(request, keys, now());
      const known = browser?.knows(person) === true ? browser.id : undefined;
      const origin = known ?? networkOf(request.ip);
      count(reply, 'network', origin);
      // Before the person's own tries: who is told that there is no room has tried nothing yet.
      roomForPassword(reply);
      const tries = `${person} ${origin}`;
      count(reply, 'password', tries);
      if (known === undefined) count(reply, 'password-anywhere', person);
      return () => {
        limiters.get('password')?.clear(tries);
        // Given back and not forgotten: a person who signs in every day must not give a guesser new tries every day.
        if (known === undefined) limiters.get('password-anywhere')?.giveBack(person);
      };
    },
  };
}

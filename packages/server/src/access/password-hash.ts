import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { keptPassword } from '@estover/domain/access';
import { Refused } from '../edge/refused.ts';

/** argon2id, 19 MiB, 2 passes, 1 lane: the OWASP password storage cheat sheet's first choice. */
const cost = { memory: 19 * 1024, passes: 2, parallelism: 1 };
const tagLength = 32;

/**
 * Hashing takes a thread and 19 MiB for some 30 ms, so only so many run at once and only so many wait: a flood of
 * sign-ins must not take the memory or all threads of the pool from everything else.
 */
const running = { most: 2, now: 0 };
const waiting: (() => void)[] = [];
const mostWaiting = 50;

/** The queue is full; how long to wait is said for whoever answers the request. */
export const tooManyPasswords = (): Refused =>
  new Refused('too-many-requests', 'Too many passwords are being checked right now.', {
    retryAfterSeconds: 2,
  });

/** Whether another password can be looked at soon; if not, the request is answered with 429 right away. */
export const hasRoomForPasswords = (): boolean => waiting.length < mostWaiting;

const compute = promisify(argon2);

async function hash(parameters: Omit<Argon2Parameters, 'tagLength'>): Promise<Buffer> {
  if (running.now >= running.most) {
    if (!hasRoomForPasswords()) {
      throw tooManyPasswords();
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running.now++;
  try {
    return await compute('argon2id', { ...parameters, tagLength });
  } finally {
    // Who waits takes over the place; only if nobody does, it becomes free.
    const next = waiting.shift();
    if (next === undefined) running.now--;
    else next();
  }
}

const encode = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/** Hashes a password in the PHC string format, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  return written(nonce, await hash({ message: keptPassword(password), nonce, ...cost }));
}

const written = (nonce: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${encode(nonce)}$${encode(tag)}`;

/** What is compared where nobody has a password, so that it takes as long: the hash of no password at all. */
export const hashOfNobody = written(randomBytes(16), randomBytes(tagLength));

const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Whether the password is the hashed one. A hash that cannot be read is an error, not a wrong password. */
export async function verifyPassword({
  hash: stored,
  password,
}: {
  hash: string;
  password: string;
}): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', tag = ''] = phc.exec(stored) ?? [];
  if (memory === undefined) throw new Error('a stored password hash is not argon2id in PHC form');
  const expected = Buffer.from(tag, 'base64');
  const given = await hash({
    message: keptPassword(password),
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  });
  return expected.length === given.length && timingSafeEqual(expected, given);
}

import { isIP } from 'node:net';

/** Tokens nobody knows that one address may try in a window; afterwards it is told to come later (threat T1). */
export const guessesPerWindow = 30;
export const windowSeconds = 600;

const mostHolders = 10_000;

export interface GuessLimit {
  /** Seconds until the address may try again, or 0. */
  secondsToWait(address: string, now: Temporal.Instant): number;
  /** Counts a token that nobody knows. */
  count(address: string, now: Temporal.Instant): void;
}

/**
 * Whose address it is, as far as an address tells: an IPv4 address, however it is written, or the first 64 bits of an
 * IPv6 address, because whoever has one has all of its network (RFC 6177).
 */
function holderOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  const [before = '', after = ''] = plain.split('::');
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':'));
  const [left, right] = [groupsOf(before), groupsOf(after)];
  const between = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...between, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** Counts wrong tokens by whose address they came from, in this process. Bounded: who was counted longest ago is forgotten first. */
export function createGuessLimit(): GuessLimit {
  const windows = new Map<string, { startedAt: Temporal.Instant; guesses: number }>();
  const leftOf = (startedAt: Temporal.Instant, now: Temporal.Instant): number =>
    Math.ceil(windowSeconds - now.since(startedAt).total('seconds'));
  return {
    secondsToWait(address, now) {
      const window = windows.get(holderOf(address));
      if (window === undefined || window.guesses < guessesPerWindow) return 0;
      return Math.max(0, leftOf(window.startedAt, now));
    },
    count(address, now) {
      const holder = holderOf(address);
      const window = windows.get(holder);
      if (window !== undefined && leftOf(window.startedAt, now) > 0) {
        window.guesses += 1;
        return;
      }
      windows.delete(holder);
      windows.set(holder, { startedAt: now, guesses: 1 });
      if (windows.size > mostHolders) windows.delete(windows.keys().next().value ?? holder);
    },
  };
}

/** Tokens nobody knows that one address may try in a window; afterwards it is told to come later (threat T1). */
export const guessesPerWindow = 30;
export const windowSeconds = 600;

const mostAddresses = 10_000;

export interface GuessLimit {
  /** Seconds until the address may try again, or 0. */
  secondsToWait(address: string, now: Temporal.Instant): number;
  /** Counts a token that nobody knows. */
  count(address: string, now: Temporal.Instant): void;
}

/** Counts wrong tokens by address in this process. Bounded: the address counted longest ago is forgotten first. */
export function createGuessLimit(): GuessLimit {
  const windows = new Map<string, { startedAt: Temporal.Instant; guesses: number }>();
  const leftOf = (startedAt: Temporal.Instant, now: Temporal.Instant): number =>
    Math.ceil(windowSeconds - now.since(startedAt).total('seconds'));
  return {
    secondsToWait(address, now) {
      const window = windows.get(address);
      if (window === undefined || window.guesses < guessesPerWindow) return 0;
      return Math.max(0, leftOf(window.startedAt, now));
    },
    count(address, now) {
      const window = windows.get(address);
      if (window !== undefined && leftOf(window.startedAt, now) > 0) {
        window.guesses += 1;
        return;
      }
      windows.delete(address);
      windows.set(address, { startedAt: now, guesses: 1 });
      if (windows.size > mostAddresses) windows.delete(windows.keys().next().value ?? address);
    },
  };
}

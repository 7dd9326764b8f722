export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The one clock of a world, in milliseconds. It stands still while something happens and jumps to the next thing. */
export interface WorldClock {
  milliseconds(): number;
  now(): Temporal.Instant;
  /** Moves on to an instant; never back. */
  moveTo(milliseconds: number): void;
  advance(milliseconds: number): void;
}

export function createClock(start: string): WorldClock {
  let current = Temporal.Instant.from(start).epochMilliseconds;
  return {
    milliseconds: () => current,
    now: () => Temporal.Instant.fromEpochMilliseconds(current),
    moveTo(milliseconds) {
      current = Math.max(current, milliseconds);
    },
    advance(milliseconds) {
      current += milliseconds;
    },
  };
}

/** An instant of the wire in milliseconds. */
export const millisecondsOf = (instant: string): number => Temporal.Instant.from(instant).epochMilliseconds;

export const instantText = (milliseconds: number): string =>
  Temporal.Instant.fromEpochMilliseconds(milliseconds).toString();

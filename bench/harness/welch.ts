/** How two lists of times differ. */
interface Comparison {
  /** Medians, and the difference of the means without their slowest twentieth, in the unit of the lists. */
  readonly medians: readonly [number, number];
  readonly difference: number;
  /** Welch's t of those means; beyond 4.5 a difference is no chance, as side channels are judged (ISO/IEC 17825). */
  readonly t: number;
}

const sorted = (times: readonly number[]): number[] => [...times].sort((one, other) => one - other);

/** The fastest nineteen of twenty: what the machine did beside shows in the slowest. */
const cropped = (times: readonly number[]): number[] =>
  sorted(times).slice(0, Math.ceil(times.length * 0.95));

const mean = (times: readonly number[]): number => times.reduce((sum, time) => sum + time, 0) / times.length;

const variance = (times: readonly number[]): number => {
  const middle = mean(times);
  return times.reduce((sum, time) => sum + (time - middle) ** 2, 0) / (times.length - 1);
};

/** Compares two lists of at least two times by Welch's t-test. */
export function compareTimes(one: readonly number[], other: readonly number[]): Comparison {
  const [a, b] = [cropped(one), cropped(other)];
  const difference = mean(b) - mean(a);
  const error = Math.sqrt(variance(a) / a.length + variance(b) / b.length);
  const median = (times: readonly number[]): number => sorted(times)[Math.floor(times.length / 2)] ?? 0;
  return { medians: [median(one), median(other)], difference, t: error === 0 ? 0 : difference / error };
}

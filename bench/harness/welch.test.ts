import { expect, it } from 'vitest';
import { compareTimes } from './welch.ts';

/** Times around a middle, the same in each run. */
const around = (middle: number, count: number, spread = 1): number[] =>
  Array.from({ length: count }, (_, n) => middle + spread * Math.sin(n * n));

it('finds no difference between times of one kind, and a small one between others', () => {
  const same = compareTimes(around(20, 2_000), around(20, 2_000));
  expect([same.difference, same.t]).toEqual([0, 0]);
  const other = compareTimes(around(20, 2_000), around(20.2, 2_000));
  expect(other.difference).toBeCloseTo(0.2, 6);
  expect(other.t).toBeGreaterThan(4.5);
  expect(compareTimes(around(20.2, 2_000), around(20, 2_000)).t).toBeLessThan(-4.5);
});

it('is Welch’s t, and passes over the slowest twentieth', () => {
  // Of three each: means 2 and 4, variances 1 and 4, so t = 2 / sqrt(1/3 + 4/3).
  const { t, medians, difference } = compareTimes([1, 2, 3], [2, 4, 6]);
  expect([t, difference]).toEqual([expect.closeTo(2 / Math.sqrt(5 / 3), 12), 2]);
  expect(medians).toEqual([2, 4]);
  const disturbed = [...around(20, 95), ...around(900, 5)];
  expect(compareTimes(around(20, 95), disturbed).difference).toBeCloseTo(0, 1);
});

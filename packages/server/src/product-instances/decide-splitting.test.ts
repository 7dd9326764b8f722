import { expect, it } from 'vitest';
import { decideSplitting } from './decide-splitting.ts';

/** Decides numbers and fails for whole batches in which one of these is. */
function decider(failing: Record<number, unknown>) {
  const batches: number[][] = [];
  return {
    batches,
    async decideAll(numbers: readonly number[]): Promise<number[]> {
      batches.push([...numbers]);
      for (const number of numbers) if (number in failing) throw failing[number];
      return numbers.map((number) => number * 10);
    },
  };
}

const statuses = (results: readonly PromiseSettledResult<number>[]) =>
  results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'));

it('finds the one that nobody can decide, and decides the others', async () => {
  const { decideAll } = decider({ 3: new Error('three') });
  expect(statuses(await decideSplitting(decideAll, [1, 2, 3, 4, 5]))).toEqual([10, 20, 'failed', 40, 50]);
});

it.each([
  ['is away', '57P01'],
  ['gave up on a statement', '57014'],
  ['gave up on a circle of locks', '40P01'],
])('asks once when the database %s', async (_, code) => {
  const { batches, decideAll } = decider({ 1: Object.assign(new Error('no'), { code }) });
  expect(statuses(await decideSplitting(decideAll, [1, 2, 3, 4]))).toEqual(Array(4).fill('failed'));
  expect(batches).toEqual([[1, 2, 3, 4]]);
});

import { expect, it } from 'vitest';
import { createGatherer } from './gather.ts';

const fulfilled = <T>(value: T): PromiseSettledResult<T> => ({ status: 'fulfilled', value });

it('starts at once, and takes together what came meanwhile, in order', async () => {
  const rounds: (readonly number[])[] = [];
  const first = Promise.withResolvers<void>();
  const gatherer = createGatherer<number, number>(
    async (items) => {
      rounds.push(items);
      if (rounds.length === 1) await first.promise;
      return items.map((item) => fulfilled(item * 10));
    },
    (items) => Math.min(items.length, 3),
  );
  const all = [1, 2, 3, 4, 5].map((item) => gatherer.submit(item));
  expect(rounds).toEqual([[1]]);
  expect(gatherer.waiting()).toBe(4);
  first.resolve();
  expect(await Promise.all(all)).toEqual([10, 20, 30, 40, 50]);
  expect(rounds).toEqual([[1], [2, 3, 4], [5]]);
  await gatherer.drained();
});

it('lets one fail without the others', async () => {
  const gatherer = createGatherer<number, number>(
    async (items) =>
      items.map((item) => (item === 2 ? { status: 'rejected', reason: new Error('two') } : fulfilled(item))),
    (items) => items.length,
  );
  const results = await Promise.allSettled([1, 2, 3].map((item) => gatherer.submit(item)));
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

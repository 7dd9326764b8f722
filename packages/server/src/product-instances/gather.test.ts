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

it('begins a second round beside the first once enough wait, and never a third', async () => {
  const rounds: { items: readonly number[]; end(): void }[] = [];
  const gatherer = createGatherer<number, number>(
    (items) => {
      const { promise, resolve } = Promise.withResolvers<PromiseSettledResult<number>[]>();
      rounds.push({ items, end: () => resolve(items.map(fulfilled)) });
      return promise;
    },
    (items) => Math.min(items.length, 2),
    { atOnce: 2, enough: 2 },
  );
  const begun = () => rounds.map(({ items }) => items);
  const all = [1, 2].map((item) => gatherer.submit(item));
  expect(begun()).toEqual([[1]]);
  all.push(gatherer.submit(3));
  expect(begun()).toEqual([[1], [2, 3]]);
  all.push(...[4, 5, 6].map((item) => gatherer.submit(item)));
  expect(begun()).toEqual([[1], [2, 3]]);
  rounds[1]?.end();
  await all[1];
  await Promise.resolve();
  expect(begun()).toEqual([[1], [2, 3], [4, 5]]);
  for (const { end } of rounds) end();
  const drained = gatherer.drained();
  await all[4];
  await new Promise(setImmediate);
  rounds.at(-1)?.end();
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4, 5, 6]);
  await drained;
  expect(gatherer.waiting()).toBe(0);
});

/** Gathers what comes while work is under way, so that the next round does it all at once. */
export interface Gatherer<Item, Result> {
  submit(item: Item): Promise<Result>;
  /** How many wait for the next round. */
  waiting(): number;
  /** Resolves once nothing is under way and nothing waits. */
  drained(): Promise<void>;
}

/**
 * @param run does the work of one round; answers every item, in order, and never rejects for all of them
 * @param howMany how many of those that wait the next round takes, at least 1
 */
export function createGatherer<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>,
  howMany: (items: readonly Item[]) => number,
): Gatherer<Item, Result> {
  const items: Item[] = [];
  const promises: { resolve(result: Result): void; reject(reason: unknown): void }[] = [];
  let running: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    while (items.length > 0) {
      const count = howMany(items);
      const waiters = promises.splice(0, count);
      const results = await run(items.splice(0, count));
      waiters.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result?.status === 'fulfilled') resolve(result.value);
        else reject(result?.reason ?? new Error('the round did not answer this item'));
      });
    }
    running = undefined;
  };

  return {
    submit(item) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      items.push(item);
      promises.push({ resolve, reject });
      running ??= work();
      return promise;
    },
    waiting: () => items.length,
    drained: async () => running,
  };
}

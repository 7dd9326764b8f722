/** Gathers what comes while work is under way, so that the next round does it all at once. */
export interface Gatherer<Item, Result> {
  submit(item: Item): Promise<Result>;
  /** How many wait for the next round. */
  waiting(): number;
  /** Resolves once nothing is under way and nothing waits. */
  drained(): Promise<void>;
}

/** How many rounds may be under way together. */
export interface GathererLimits {
  atOnce: number;
  /** A further round begins beside others only when so many wait: few are better off with the next round. */
  enough: number;
}

/**
 * @param run does the work of one round; answers every item, in order, and never rejects for all of them
 * @param howMany how many of those that wait the next round takes, at least 1
 */
export function createGatherer<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>,
  howMany: (items: readonly Item[]) => number,
  { atOnce, enough }: GathererLimits = { atOnce: 1, enough: 1 },
): Gatherer<Item, Result> {
  const items: Item[] = [];
  const promises: { resolve(result: Result): void; reject(reason: unknown): void }[] = [];
  const running = new Set<Promise<void>>();

  const round = async (): Promise<void> => {
    const count = howMany(items);
    const waiters = promises.splice(0, count);
    const results = await run(items.splice(0, count));
    waiters.forEach(({ resolve, reject }, index) => {
      const result = results[index];
      if (result?.status === 'fulfilled') resolve(result.value);
      else reject(result?.reason ?? new Error('the round did not answer this item'));
    });
  };

  const begin = (): void => {
    while (items.length > 0 && running.size < atOnce && (running.size === 0 || items.length >= enough)) {
      const work: Promise<void> = round().finally(() => {
        running.delete(work);
        begin();
      });
      running.add(work);
    }
  };

  return {
    submit(item) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      items.push(item);
      promises.push({ resolve, reject });
      begin();
      return promise;
    },
    waiting: () => items.length,
    async drained() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

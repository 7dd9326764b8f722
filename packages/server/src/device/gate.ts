/** Lets a bounded number of things happen at once and a bounded number wait. */
export interface Gate {
  /** Does the work when its turn comes; undefined, without doing it, when too many wait already. */
  pass<T>(work: () => Promise<T>): Promise<T | undefined>;
  waiting(): number;
}

export function createGate({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }): Gate {
  let inside = 0;
  const queue: (() => void)[] = [];
  return {
    async pass(work) {
      if (inside >= atOnce) {
        if (queue.length >= mostWaiting) return undefined;
        const { promise, resolve } = Promise.withResolvers<void>();
        queue.push(resolve);
        // Whoever leaves hands its place on, so `inside` does not change.
        await promise;
      } else {
        inside += 1;
      }
      try {
        return await work();
      } finally {
        const next = queue.shift();
        if (next === undefined) inside -= 1;
        else next();
      }
    },
    waiting: () => queue.length,
  };
}

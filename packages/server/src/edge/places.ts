/** So many may do something at once; others wait a while for a place. */
export interface Places {
  /** Takes a place, at once or when one is given back; false when there was none in time or too many wait. */
  take(): Promise<boolean>;
  /** Gives a place back that was taken. */
  giveBack(): void;
}

export function createPlaces(bounds: { places: number; waiting: number; milliseconds: number }): Places {
  let free = bounds.places;
  const waiting = new Set<(taken: boolean) => void>();
  return {
    async take() {
      if (free > 0) {
        free--;
        return true;
      }
      if (waiting.size >= bounds.waiting) return false;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.add(resolve);
      const timer = setTimeout(() => {
        waiting.delete(resolve);
        resolve(false);
      }, bounds.milliseconds);
      return promise.finally(() => clearTimeout(timer));
    },
    giveBack() {
      // Who waits the longest takes over the place; only if nobody does, it becomes free.
      const [next] = waiting;
      if (next === undefined) free++;
      else {
        waiting.delete(next);
        next(true);
      }
    },
  };
}

/** What is to happen when. Things of the same instant happen in the order in which they were planned. */
export interface Agenda<Item> {
  plan(at: number, item: Item): void;
  /** When the next thing happens; undefined when nothing is planned. */
  nextAt(): number | undefined;
  take(): Item | undefined;
}

interface Entry<Item> {
  at: number;
  order: number;
  item: Item;
}

/** A binary heap by instant, then by the order of planning. */
export function createAgenda<Item>(): Agenda<Item> {
  const heap: Entry<Item>[] = [];
  let planned = 0;
  const isBefore = (left: Entry<Item>, right: Entry<Item>): boolean =>
    left.at < right.at || (left.at === right.at && left.order < right.order);
  const entry = (index: number): Entry<Item> => heap[index] as Entry<Item>;
  const swap = (left: number, right: number): void => {
    [heap[left], heap[right]] = [entry(right), entry(left)];
  };

  return {
    plan(at, item) {
      heap.push({ at, order: planned++, item });
      for (let index = heap.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1;
        if (!isBefore(entry(index), entry(parent))) break;
        swap(index, parent);
        index = parent;
      }
    },
    nextAt: () => heap[0]?.at,
    take() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length === 0) return first.item;
      heap[0] = last;
      for (let index = 0; ; ) {
        const children = [2 * index + 1, 2 * index + 2].filter((child) => child < heap.length);
        const least = children.reduce(
          (best, child) => (isBefore(entry(child), entry(best)) ? child : best),
          index,
        );
        if (least === index) return first.item;
        swap(index, least);
        index = least;
      }
    },
  };
}

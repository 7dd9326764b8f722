import { afterAll } from 'vitest';

/**
 * For a test file: what it opens is closed at its end in the opposite order, also when opening something later failed.
 *
 * @returns notes something to be closed, and gives it back
 */
export function closedAtEnd(): <Thing extends { close(): Promise<void> }>(thing: Thing) => Thing {
  const opened: { close(): Promise<void> }[] = [];
  afterAll(async () => {
    for (const thing of opened.reverse()) await thing.close();
  }, 60_000);
  return (thing) => {
    opened.push(thing);
    return thing;
  };
}

import { expect, it } from 'vitest';
import { createPlaces } from './places.ts';

it('gives a place to who waits the longest, and refuses who waits too long or behind too many', async () => {
  const places = createPlaces({ places: 1, waiting: 2, milliseconds: 200 });
  expect(await places.take()).toBe(true);
  const [second, third] = [places.take(), places.take()];
  expect(await places.take()).toBe(false);
  places.giveBack();
  expect(await second).toBe(true);
  expect(await third).toBe(false);
  places.giveBack();
  expect(await places.take()).toBe(true);
});

import { expect, test } from 'vitest';
import { type Place, paths } from './paths.ts';
import { router } from './routes.tsx';

const account = '01940000-0000-7000-8000-000000000001';

/** Every place of the console, with believable parameters: a function takes at most an account and an id. */
const places: [string, Place][] = Object.entries(paths).map(([name, place]) => [
  name,
  (place as (...given: string[]) => Place)(...[account, 'regid.x,1.0_y'].slice(0, place.length)),
]);

test.each(places)('%s leads to a page', (_, { to, params }) => {
  const path = Object.entries(params ?? {}).reduce(
    (found, [name, value]) => found.replace(`$${name}`, encodeURIComponent(String(value))),
    to,
  );
  const [, , foundRoute] = router.getMatchedRoutes(path);
  expect(foundRoute, path).toBeDefined();
});

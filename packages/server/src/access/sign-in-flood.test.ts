import { getMe } from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBrowser, startTestServer, type TestServer } from '../testing/index.ts';

/** `sign-in-tries.ts`: so many times a network tries at once. Of these `password-hash.ts` looks at two, and lets 50 wait. */
const triesOfANetwork = 60;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it('a flood of sign-ins is bounded, told when to come again, and keeps nobody else waiting', async () => {
  const account = await server.account('Busy');
  const browser = createBrowser(server.address);
  let answered = 0;
  const flood = Array.from({ length: 300 }, async (_, n) => {
    const body = { email: `nobody${n}@flood.example`, password: 'correct horse battery' };
    const { status, headers } = await browser.post('/auth/sign-in/email', body);
    answered += 1;
    return { status, wait: headers.get('retry-after') };
  });
  await account.administrator.call(getMe, {});
  const answeredBefore = answered;
  const outcomes = await Promise.all(flood);
  // The other request did not stand behind the passwords.
  expect(answeredBefore).toBeLessThan(300);
  const looked = outcomes.filter(({ status }) => status === 401);
  const refused = outcomes.filter(({ status }) => status === 429);
  expect(outcomes.filter(({ status }) => status !== 401 && status !== 429)).toEqual([]);
  expect(looked.length).toBeGreaterThan(0);
  expect(looked.length).toBeLessThanOrEqual(triesOfANetwork);
  expect(refused.every(({ wait }) => Number(wait) > 0)).toBe(true);
  // Afterwards there is room again.
  server.clock.advance({ minutes: 5 });
  const later = await browser.post('/auth/sign-in/email', {
    email: 'nobody@flood.example',
    password: 'correct horse battery',
  });
  expect(later.status).toBe(401);
});

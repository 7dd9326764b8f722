import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CommandFailure } from './failures.ts';
import { patientFetch, withProgress } from './patient-fetch.ts';
import type { Shell } from './shell.ts';

let told: string[];
let slept: number[];
beforeEach(() => {
  [told, slept] = [[], []];
});
afterEach(() => void vi.useRealTimers());

const shellWith = (fetch: typeof globalThis.fetch): Shell => ({
  out: () => undefined,
  err: (text) => void told.push(text),
  environment: {},
  folder: '/',
  isInteractive: false,
  width: null,
  write: async () => undefined,
  ask: async () => '',
  read: async () => '',
  fetch,
  sleep: async (milliseconds) => void slept.push(milliseconds / 1000),
});

/** Answers one thing after the other: a status with its Retry-After, or the code of a broken line. */
function serverOf(...answers: (readonly [number, string?] | string)[]): typeof fetch {
  return async () => {
    const next = answers.shift();
    if (next === undefined) throw new Error('asked too often');
    if (typeof next === 'string') {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(next), { code: next }) });
    }
    const [status, retryAfter] = next;
    return new Response('', {
      status,
      headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    });
  };
}
const ask = (...answers: Parameters<typeof serverOf>) =>
  patientFetch(shellWith(serverOf(...answers)))('https://licenses.example.com/x').then(
    ({ status }) => status,
    (thrown) => (thrown instanceof CommandFailure ? thrown.code : thrown),
  );

test.each([
  ['an answer is taken as it is', [[200]], 200, []],
  ['a refusal is not asked for again', [[422]], 422, []],
  ['a failure of the server itself is not, either', [[500]], 500, []],
  ['503 waits as long as it says', [[503, '9'], [200]], 200, [9]],
  ['429 as well', [[429, '30'], [200]], 200, [30]],
  ['without a time it waits longer each time', [[502], [503], [504], [503], [503]], 503, [1, 2, 4, 8]],
  ['what wants more than a minute is told at once', [[503, '61']], 503, []],
  [
    'a line that breaks is tried five times',
    ['ECONNRESET', 'UND_ERR_SOCKET', 'ECONNRESET', 'ECONNRESET', 'ECONNRESET'],
    4,
    [1, 2, 4, 8],
  ],
  ['a server that starts anew is found again', ['ECONNREFUSED', 'ECONNREFUSED', [200]], 200, [1, 2]],
  [
    'one that is not there is given up after three',
    ['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED'],
    4,
    [1, 2],
  ],
  ['a name that nobody knows is told at once', ['ENOTFOUND'], 4, []],
  ['a certificate that is not trusted as well', ['DEPTH_ZERO_SELF_SIGNED_CERT'], 4, []],
] as const)('%s', async (_, answers, ends, waits) => {
  expect(await ask(...answers)).toBe(ends);
  expect(slept).toEqual(waits);
  expect(told).toEqual(
    waits.map((_wait, at) =>
      expect.stringMatching(`trying again in ${waits[at]} s \\(try ${at + 2} of 5\\)`),
    ),
  );
});

test('what takes longer than two seconds says that it goes on, and what is quick says nothing', async () => {
  vi.useFakeTimers();
  const shell = shellWith(fetch);
  let rows = 0;
  const work = (milliseconds: number) => () =>
    new Promise<string>((resolve) => setTimeout(resolve, milliseconds, 'done'));
  const slow = withProgress(shell, () => `${rows} rows so far`, work(9_000));
  await vi.advanceTimersByTimeAsync(2_500);
  rows = 400;
  await vi.advanceTimersByTimeAsync(7_500);
  expect(await slow).toBe('done');
  expect(told.map((text) => text.replace(/ \(.*/, ''))).toEqual(['0 rows so far', '400 rows so far']);
  const quick = withProgress(shell, () => 'quick', work(1_900));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await quick).toBe('done');
  expect(told).toHaveLength(2);
});

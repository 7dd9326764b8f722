import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contactDelaySeconds, longestRetrySeconds, readRetryAfter, retryDelaySeconds } from './retry.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retries', () => {
  it('double their ceiling from 5 seconds to an hour', () => {
    const ceilings = [1, 2, 3, 4, 5, 10, 11, 1000].map((failures) => retryDelaySeconds(failures, 0.999999));
    expect(ceilings).toEqual([5, 10, 20, 40, 80, 2560, 3600, 3600]);
  });

  it('are spread over the whole of it (full jitter), so that nobody comes back together', () => {
    const delays = Array.from({ length: 1000 }, (_, index) => retryDelaySeconds(11, index / 1000));
    expect(Math.min(...delays)).toBe(1);
    expect(new Set(delays).size).toBeGreaterThan(990);
  });

  it('never undercut what the server asked for, and never wait for ever', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        random,
        fc.integer({ min: -5, max: 10 ** 9 }),
        (n, r, asked) => {
          const delay = retryDelaySeconds(n, r, asked);
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(Math.max(1, Math.min(asked, 86_400)));
          expect(delay).toBeLessThanOrEqual(86_400 * 1.1 + longestRetrySeconds);
        },
      ),
    );
  });

  it('regular contact is somewhat early and never late', () => {
    fc.assert(
      fc.property(fc.constantFrom(43_200, 2_592_000), random, (seconds, r) => {
        const delay = contactDelaySeconds(seconds, r);
        expect(delay).toBeLessThanOrEqual(seconds);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(seconds * 0.95));
      }),
    );
  });
});

it.each([
  [undefined, undefined],
  ['120', 120],
  [' 7 ', 7],
  ['Sun, 22 Nov 2026 12:01:40 GMT', 100],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
  ['-5', undefined],
  ['soon', undefined],
])('reads Retry-After %j as %j seconds', (value, seconds) => {
  const read = readRetryAfter(value, Temporal.Instant.from('2026-11-22T12:00:00Z'));
  if (value === '-5') expect(read ?? 0).toBeGreaterThanOrEqual(0);
  else expect(read).toBe(seconds);
});

import { describe, expect, it } from 'vitest';
import { createGuessLimit, guessesPerWindow, windowSeconds } from './guess-limit.ts';

const now = Temporal.Instant.from('2026-11-22T12:00:00Z');

/** Seconds that `other` has to wait after `guesser` used up what an address may guess. */
function waitOf(other: string, guesser: string): number {
  const limit = createGuessLimit();
  for (let guess = 0; guess < guessesPerWindow; guess++) limit.count(guesser, now);
  return limit.secondsToWait(other, now);
}

describe('who guessed too often', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff'],
    ['2001:db8::1', '2001:0db8:0000:0000:0002::'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
  ])('%s and %s wait as one', (one, other) => {
    expect(waitOf(one, other)).toBe(windowSeconds);
    expect(waitOf(other, one)).toBe(windowSeconds);
  });

  it.each([
    ['192.0.2.1', '192.0.2.2'],
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
    ['::1', '2001:db8::1'],
  ])('%s and %s do not', (one, other) => {
    expect(waitOf(one, other)).toBe(0);
  });

  it('is free again when the window is over, and others push nobody out before', () => {
    const limit = createGuessLimit();
    for (let guess = 0; guess < guessesPerWindow; guess++) limit.count('192.0.2.1', now);
    for (let host = 0; host < 5_000; host++) limit.count(`10.0.${host >> 8}.${host & 255}`, now);
    expect(limit.secondsToWait('192.0.2.1', now)).toBe(windowSeconds);
    expect(limit.secondsToWait('192.0.2.1', now.add({ seconds: windowSeconds }))).toBe(0);
  });
});

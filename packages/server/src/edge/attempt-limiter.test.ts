import { expect, it } from 'vitest';
import { createAttemptLimiter, networkOf } from './attempt-limiter.ts';

const start = Temporal.Instant.from('2026-11-22T12:00:00Z');

it('allows a burst, then one try at a time', () => {
  const limiter = createAttemptLimiter({ burst: 3, refillSeconds: 30 });
  expect([1, 2, 3].map(() => limiter.take('a', start))).toEqual([0, 0, 0]);
  expect(limiter.take('a', start)).toBe(30);
  expect(limiter.take('b', start)).toBe(0);
  expect(limiter.take('a', start.add({ seconds: 20 }))).toBe(10);
  expect(limiter.take('a', start.add({ seconds: 30 }))).toBe(0);
  expect(limiter.take('a', start.add({ seconds: 30 }))).toBe(30);
  limiter.clear('a');
  expect(limiter.take('a', start.add({ seconds: 30 }))).toBe(0);
});

it('keeps its memory bounded and forgets the quietest first', () => {
  const limiter = createAttemptLimiter({ burst: 1, refillSeconds: 60, maximumKeys: 2 });
  limiter.take('a', start);
  limiter.take('b', start);
  expect(limiter.take('a', start)).toBe(60);
  limiter.take('c', start);
  expect(limiter.take('a', start)).toBe(60);
  expect(limiter.take('b', start)).toBe(0);
});

it('forgets no key that has no tries left because somebody makes others up', () => {
  const limiter = createAttemptLimiter({ burst: 3, refillSeconds: 60, maximumKeys: 10 });
  for (let tries = 0; tries < 3; tries++) limiter.take('victim', start);
  for (let made = 0; made < 1000; made++) limiter.take(`made up ${made}`, start);
  expect(limiter.take('victim', start)).toBe(60);
});

it('gives back a try that went well, and never more than there are', () => {
  const limiter = createAttemptLimiter({ burst: 2, refillSeconds: 60 });
  limiter.take('a', start);
  limiter.giveBack('a');
  limiter.giveBack('a');
  limiter.giveBack('nobody');
  expect([1, 2, 3].map(() => limiter.take('a', start))).toEqual([0, 0, 60]);
});

it('counts an IPv6 network as one', () => {
  expect(networkOf('192.0.2.7')).toBe('192.0.2.7');
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
  expect(networkOf('2001:db8:1:2::9')).toBe('2001:db8:1:2');
  expect(networkOf('::1')).toBe('0:0:0:0');
});

import { describe, expect, it } from 'vitest';
import {
  hasFailedForLong,
  isOtherHost,
  judgeWebhookUrl,
  nextTry,
  readRetryAfter,
  retrySeconds,
} from './index.ts';

const now = Temporal.Instant.from('2026-11-22T12:00:00Z');

describe('the address of a webhook', () => {
  it.each([
    ['https://siem.example.com/estover?team=1', 'https://siem.example.com/estover?team=1'],
    ['HTTPS://SIEM.Example.com:443', 'https://siem.example.com/'],
    ['https://0x7f.1/', 'https://127.0.0.1/'],
  ])('%s is %s', (given, url) => {
    expect(judgeWebhookUrl(given, { mayBePlain: false })).toEqual({ ok: true, value: url });
  });

  it.each([
    ['siem.example.com', 'This is no address'],
    ['http://siem.example.com', 'must begin with https://'],
    ['ftp://siem.example.com', 'must begin with https://'],
    ['file:///etc/passwd', 'must begin with https://'],
    ['https://ana@siem.example.com', 'no name and no password'],
    ['https://:secret@siem.example.com', 'no name and no password'],
    ['https://siem.example.com/#top', 'no part after #'],
  ])('refuses %s', (given, words) => {
    const judged = judgeWebhookUrl(given, { mayBePlain: false });
    expect(judged).toMatchObject({ ok: false, code: 'webhook-url', detail: expect.stringContaining(words) });
  });

  it('may be plain where the configuration names networks', () => {
    expect(judgeWebhookUrl('http://siem.lan/', { mayBePlain: true }).ok).toBe(true);
    expect(judgeWebhookUrl('gopher://siem.lan/', { mayBePlain: true }).ok).toBe(false);
  });

  it.each([
    ['https://a.example/x', 'https://a.example/y', false],
    ['https://a.example/', 'https://b.example/', true],
    ['https://a.example/', 'https://a.example:8443/', true],
    ['https://a.example/', 'https://a.example.evil/', true],
  ])('from %s to %s is another host: %s', (before, after, other) => {
    expect(isOtherHost(before, after)).toBe(other);
  });
});

describe('tries', () => {
  const answered = (status: number | null, retryAfterSeconds: number | null = null) => ({
    status,
    retryAfterSeconds,
  });

  it.each([200, 201, 204, 299])('%i is success', (status) => {
    expect(nextTry(answered(status), 1, 0)).toEqual({ kind: 'delivered' });
  });

  it.each([null, 100, 301, 302, 400, 401, 404, 500, 502])('%s is tried again', (status) => {
    expect(nextTry(answered(status), 1, 0)).toEqual({ kind: 'again', inSeconds: 5 });
  });

  it('ends with 410, whenever it comes', () => {
    expect(nextTry(answered(410), 1, 0)).toEqual({ kind: 'gone' });
    expect(nextTry(answered(410), 10, 0)).toEqual({ kind: 'gone' });
  });

  it('waits longer each time, by up to a fifth more, and gives up after the tenth', () => {
    const pauses = (chance: number) =>
      Array.from({ length: 10 }, (_, index) => {
        const next = nextTry(answered(500), index + 1, chance);
        return next.kind === 'again' ? next.inSeconds : next.kind;
      });
    expect(pauses(0)).toEqual([...retrySeconds, 'given-up']);
    expect(pauses(0)).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, 'given-up']);
    expect(pauses(1)).toEqual([6, 360, 2160, 8640, 21_600, 43_200, 60_480, 86_400, 103_680, 'given-up']);
  });

  it.each([
    [429, 120, 120],
    [503, 120, 120],
    // No sooner than without it, and not for ever.
    [503, 0, 5],
    [429, 9_999_999, 86_400],
    // Only where the standard gives it a meaning.
    [500, 120, 5],
  ])('%i with Retry-After %i waits %i s', (status, retryAfter, inSeconds) => {
    expect(nextTry(answered(status, retryAfter), 1, 0)).toEqual({ kind: 'again', inSeconds });
  });

  it.each([
    ['120', 120],
    [' 7 ', 7],
    ['Sun, 22 Nov 2026 12:01:30 GMT', 90],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
    ['1e9', null],
    ['', null],
    [undefined, null],
  ])('reads Retry-After %s as %s', (value, seconds) => {
    expect(readRetryAfter(value, now)).toBe(seconds);
  });

  it.each([
    ['2026-11-17T12:00:01Z', false],
    ['2026-11-17T12:00:00Z', true],
  ])('that failed since %s has failed for long: %s', (since, isLong) => {
    expect(hasFailedForLong(Temporal.Instant.from(since), now)).toBe(isLong);
  });
});

import { createHmac } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { knownBrowserOf, rememberBrowser } from './known-browser.ts';

const start = Temporal.Instant.from('2026-11-22T12:00:00Z');
const keysAt = (publicUrl: string, secret = 'k') => ({
  publicUrl,
  derive: (purpose: string) => createHmac('sha256', secret).update(purpose).digest(),
});
const keys = keysAt('https://licenses.example.com');
const requestWith = (cookie: string) => ({ headers: { cookie } }) as FastifyRequest;

/** Signs somebody in in a browser with these cookies. Answers the cookie it has afterwards, and the whole header. */
function remember(cookie: string, email: string, at = start, by = keys): { cookie: string; header: string } {
  let header = '';
  const reply = { header: (_: string, value: string) => (header = value) } as unknown as FastifyReply;
  rememberBrowser(requestWith(cookie), reply, by, email, at);
  return { cookie: header.split(';')[0] ?? '', header };
}
const knows = (cookie: string, email: string, at = start, by = keys): boolean | undefined =>
  knownBrowserOf(requestWith(cookie), by, at)?.knows(email);

it('is bound to the host and to https, is read by no script, and says nothing of whom it knows', () => {
  const { header, cookie } = remember('', 'Ana@northwind.example');
  expect(header).toMatch(
    /^__Host-estover\.known=[\w-]{64}; Path=\/; Max-Age=15552000; HttpOnly; SameSite=Lax; Secure$/,
  );
  expect(Buffer.from(cookie.split('=')[1] ?? '', 'base64url').toString('latin1')).not.toContain('ana');
  expect(remember('', 'a@b.example', start, keysAt('http://localhost:8080')).header).toMatch(
    /^estover\.known=[\w-]{64}; Path=\/; Max-Age=15552000; HttpOnly; SameSite=Lax$/,
  );
});

it('knows the last five people, by one id, and forgets who signed in longest ago', () => {
  const people = Array.from({ length: 6 }, (_, n) => `p${n}@northwind.example`);
  let cookie = 'other=1; estover.session_token=x';
  const ids = new Set<string | undefined>();
  for (const email of people) {
    cookie = `a=b; ${remember(cookie, email).cookie}`;
    ids.add(knownBrowserOf(requestWith(cookie), keys, start)?.id);
  }
  expect(people.map((email) => knows(cookie, email))).toEqual([false, true, true, true, true, true]);
  expect(knows(cookie, 'P3@NORTHWIND.example')).toBe(true);
  // Who signs in again takes no second place.
  cookie = remember(cookie, 'p1@northwind.example').cookie;
  cookie = remember(cookie, 'new@northwind.example').cookie;
  expect(people.map((email) => knows(cookie, email))).toEqual([false, true, false, true, true, true]);
  ids.add(knownBrowserOf(requestWith(cookie), keys, start)?.id);
  expect(ids.size).toBe(1);
});

it('ends 180 days after the last sign-in', () => {
  const { cookie } = remember('', 'a@b.example');
  const almost = start.add({ hours: 180 * 24 - 1 });
  expect(knows(cookie, 'a@b.example', almost)).toBe(true);
  expect(knows(cookie, 'a@b.example', start.add({ hours: 180 * 24 }))).toBeUndefined();
  const { cookie: again } = remember(cookie, 'a@b.example', almost);
  expect(knows(again, 'a@b.example', start.add({ hours: 300 * 24 }))).toBe(true);
});

it('is nothing when it was changed at any place, was cut, or is of another installation', () => {
  const { cookie } = remember('', 'a@b.example');
  const [name = '', value = ''] = cookie.split('=');
  const bytes = Buffer.from(value, 'base64url');
  const changed = Array.from(bytes, (byte, at) => {
    const other = Buffer.from(bytes);
    other[at] = byte ^ 1;
    return `${name}=${other.toString('base64url')}`;
  });
  expect(changed.filter((each) => knows(each, 'a@b.example') === true)).toEqual([]);
  for (const cut of [0, 16, 32, bytes.length - 1]) {
    expect(knows(`${name}=${bytes.subarray(0, cut).toString('base64url')}`, 'a@b.example')).toBeUndefined();
  }
  // A proof of one person is none of another one, nor in another browser.
  const other = Buffer.from(remember('', 'b@b.example').cookie.split('=')[1] ?? '', 'base64url');
  const mixed = Buffer.concat([bytes.subarray(0, 32), other.subarray(32)]).toString('base64url');
  expect([knows(`${name}=${mixed}`, 'b@b.example'), knows(`${name}=${mixed}`, 'a@b.example')]).toEqual([
    false,
    false,
  ]);
  expect(knows(cookie, 'a@b.example', start, keysAt(keys.publicUrl, 'other'))).toBeUndefined();
});

import { randomUUIDv7 } from 'node:crypto';
import { createVirtualAccount, getMe, listVirtualAccounts } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../database/database.ts';
import { isDatabaseAway } from '../database/transaction.ts';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { createBrowser } from '../testing/test-browser.ts';
import { insertGrant } from './grants-store.ts';
import { ensurePerson } from './people-store.ts';
import { createSignIn } from './sign-in.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';

const password = 'correct horse battery';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
// Tries refill with time, so that no test is bounded by another.
beforeEach(() => server.clock.advance({ hours: 1 }));

const person = (email?: string) => makePersonWithPassword(server, password, email);

const signedIn = async () => {
  const who = await person();
  const browser = createBrowser(server.address);
  const answer = await browser.post('/auth/sign-in/email', { email: who.email.toUpperCase(), password });
  expect(answer.status).toBe(200);
  return { ...who, browser };
};

it('signs a person in with a cookie that scripts cannot read and other sites do not send', async () => {
  const { email } = await person();
  const answer = await createBrowser(server.address).post('/auth/sign-in/email', { email, password });
  expect(answer.status).toBe(200);
  const [cookie] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^estover\.session_token=/);
  expect(cookie).toMatch(/HttpOnly/i);
  expect(cookie).toMatch(/SameSite=Lax/i);
  expect(cookie).toMatch(/Path=\//i);
  expect(cookie).toMatch(/Max-Age=604800/i);
});

it('binds the cookie to the host and to https where the server is reached by https', async () => {
  const { email } = await person();
  const installation = { ...server.installation, publicUrl: 'https://licenses.example.com' };
  const answer = await createSignIn(server.db, installation, server.clock.now).handle(
    new Request('https://licenses.example.com/auth/sign-in/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://licenses.example.com' },
      body: JSON.stringify({ email, password }),
    }),
  );
  const [cookie] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-estover\.session_token=/);
  expect(cookie).toMatch(/Secure/);
  expect(cookie).not.toMatch(/Domain/i);
});

it('a session is the person with all their roles, until it is signed out', async () => {
  const { browser, personId, email } = await signedIn();
  const { accountId } = await server.account('Of a person');
  await server.db.transaction().execute((trx) =>
    insertGrant(trx, {
      accountId,
      grantId: randomUUIDv7(),
      personId,
      role: 'account-administrator',
      scope: { kind: 'account' },
      until: null,
      grantedBy: 'test',
      grantedAt: server.clock.now(),
    }),
  );
  const me = await browser.client.call(getMe, {});
  expect(me).toMatchObject({ kind: 'person', id: personId, email, accounts: [{ accountId }] });
  await browser.client.call(createVirtualAccount, { params: { accountId }, body: { name: 'Berlin' } });
  const { items } = await browser.client.call(listVirtualAccounts, { params: { accountId } });
  expect(items.map(({ name }) => name)).toEqual(['Berlin', 'Default']);

  const kept = browser.cookies();
  expect((await browser.post('/auth/sign-out', {})).status).toBe(200);
  browser.setCookies(kept);
  await expect(browser.client.call(getMe, {})).rejects.toMatchObject({
    problem: expect.objectContaining({ code: 'sign-in-required' }),
  });
});

it('refuses a change that comes from another site, whatever it calls itself', async () => {
  const { browser } = await signedIn();
  const { accountId } = await server.account('Cross');
  const path = `/api/v1/accounts/${accountId}/virtual-accounts`;
  const refused: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: server.address },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    {},
  ];
  for (const headers of refused) {
    const answer = await browser.request('POST', path, { name: 'X' }, headers);
    expect(await answer.json(), JSON.stringify(headers)).toMatchObject({ code: 'cross-origin', status: 403 });
    const signOut = await browser.request('POST', '/auth/sign-out', {}, headers);
    expect(signOut.status, JSON.stringify(headers)).toBe(403);
  }
  const asText = await fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { cookie: browser.cookies(), 'content-type': 'text/plain', origin: server.address },
    body: '{"name":"X"}',
  });
  expect(asText.status).toBe(415);
  const taken: Record<string, string>[] = [
    { origin: server.address },
    { origin: 'http://estover.test' },
    { 'sec-fetch-site': 'same-origin' },
  ];
  for (const headers of taken) {
    expect((await browser.request('POST', path, { name: 'X' }, headers)).status).toBe(404);
  }
});

it('a sign-in from another site is refused too, before the password is looked at', async () => {
  const { email } = await person();
  const answer = await createBrowser(server.address).request(
    'POST',
    '/auth/sign-in/email',
    { email, password },
    { 'sec-fetch-site': 'cross-site' },
  );
  expect(answer.status).toBe(403);
  expect(answer.headers.getSetCookie()).toEqual([]);
});

it('answers the same for an unknown address, a wrong password and somebody only invited', async () => {
  const { email } = await person();
  const invited = `${randomUUIDv7()}@example.com`;
  await server.db
    .transaction()
    .execute((trx) =>
      ensurePerson(trx, { personId: randomUUIDv7(), name: 'I', email: invited, now: server.clock.now() }),
    );
  const answers = [];
  for (const [mail, given] of [
    [email, 'wrong horse battery'],
    [`${randomUUIDv7()}@example.com`, password],
    [invited, password],
  ] as const) {
    const answer = await createBrowser(server.address).post('/auth/sign-in/email', {
      email: mail,
      password: given,
    });
    const { requestId, ...problem } = (await answer.json()) as { requestId: string };
    expect(requestId).not.toBe('');
    answers.push([answer.status, problem, answer.headers.getSetCookie()]);
  }
  expect(answers[0]?.[0]).toBe(401);
  expect(answers[0]?.[1]).toMatchObject({ code: 'sign-in-failed', status: 401 });
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

it('never takes over a session id that was there before', async () => {
  const { email } = await person();
  const browser = createBrowser(server.address);
  browser.setCookies('estover.session_token=planted.signature');
  await browser.post('/auth/sign-in/email', { email, password });
  expect(browser.cookies()).not.toContain('planted');
  const [session = ''] = browser.cookies().split('; ');
  expect(session).toMatch(/^estover\.session_token=./);
  const forged = createBrowser(server.address);
  forged.setCookies(`${session.slice(0, -8)}AAAAAAAA`);
  await expect(forged.client.call(getMe, {})).rejects.toMatchObject({
    problem: expect.objectContaining({ code: 'sign-in-required' }),
  });
});

it('bounds the tries at one mail address and says how long to wait', async () => {
  const { email } = await person();
  const browser = createBrowser(server.address);
  const statuses: number[] = [];
  for (let tries = 0; tries < 12; tries++) {
    const answer = await browser.post('/auth/sign-in/email', { email, password: 'wrong horse battery' });
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBe(120);
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  server.clock.advance({ seconds: 120 });
  expect((await browser.post('/auth/sign-in/email', { email, password })).status).toBe(200);
});

it('changes the password, which ends every other session', async () => {
  const { browser, email } = await signedIn();
  const other = createBrowser(server.address);
  await other.post('/auth/sign-in/email', { email, password });
  const weak = await browser.post('/auth/change-password', {
    currentPassword: password,
    newPassword: 'password1234',
  });
  expect(await weak.json()).toMatchObject({ code: 'password-weak' });
  const newPassword = 'another lamp entirely';
  const wrong = await browser.post('/auth/change-password', {
    currentPassword: 'not my password',
    newPassword,
  });
  expect(await wrong.json()).toMatchObject({ code: 'password-wrong' });
  const changed = await browser.post('/auth/change-password', { currentPassword: password, newPassword });
  expect(changed.status).toBe(200);
  await expect(other.client.call(getMe, {})).rejects.toMatchObject({
    problem: expect.objectContaining({ code: 'sign-in-required' }),
  });
  expect((await browser.client.call(getMe, {})).email).toBe(email);
  expect((await other.post('/auth/sign-in/email', { email, password })).status).toBe(401);
  expect((await other.post('/auth/sign-in/email', { email, password: newPassword })).status).toBe(200);
  const events = await server.db
    .selectFrom('events')
    .select('message')
    .where('operation', '=', 'changePassword')
    .execute();
  expect(events).toHaveLength(1);
});

it('changes the password once of two times at once, and not at all without the event of it', async () => {
  const { browser, email } = await signedIn();
  const other = createBrowser(server.address);
  await other.post('/auth/sign-in/email', { email, password });
  const change = (by: typeof browser, newPassword: string) =>
    by.post('/auth/change-password', { currentPassword: password, newPassword });
  const signIn = async (given: string) =>
    (await createBrowser(server.address).post('/auth/sign-in/email', { email, password: given })).status;
  await sql`alter table events add constraint no_change check (operation <> 'changePassword') not valid`.execute(
    server.db,
  );
  expect((await change(browser, 'a lamp without an event')).status).toBe(500);
  await sql`alter table events drop constraint no_change`.execute(server.db);
  expect([await signIn('a lamp without an event'), await signIn(password)]).toEqual([401, 200]);

  const answers = await Promise.all([change(browser, 'the first lamp'), change(other, 'the second lamp')]);
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect([await signIn('the first lamp'), await signIn('the second lamp')]).toEqual(
    statuses.map((status) => (status === 200 ? 200 : 401)),
  );
});

it('says no token to the page, neither at sign-in nor after a new password', async () => {
  const { email } = await person();
  const browser = createBrowser(server.address);
  const answer = await browser.post('/auth/sign-in/email', { email, password });
  expect(await answer.json()).toEqual({ state: 'signed-in' });
  const body = { currentPassword: password, newPassword: 'another lamp entirely' };
  expect(await (await browser.post('/auth/change-password', body)).json()).toEqual({});
});

it.each([
  '/auth/sign-up/email',
  '/auth/update-user',
  '/auth/delete-user',
  '/auth/change-email',
  '/auth/set-password',
  '/auth/update-session',
  '/auth/sign-in/social',
  '/auth/get-session',
  '/auth/list-sessions',
  '/auth/revoke-session',
  '/auth/revoke-sessions',
  '/auth/verify-password',
  '/auth/open-session',
  '/auth/sign-in/email/',
  '/auth//sign-up/email',
  '/auth/ok',
  '/auth/error',
])('has nothing else: %s', async (path) => {
  const { browser } = await signedIn();
  for (const method of ['GET', 'POST']) {
    const answer = await browser.request(method, path, method === 'GET' ? undefined : {}, {
      origin: server.address,
    });
    expect(answer.status).toBe(404);
  }
});

it.each([
  [{}],
  [{ email: 'a@b.example' }],
  [{ email: ['a'], password }],
  [{ email: 'a@b.example', password: 'x'.repeat(2000) }],
  [[]],
])('refuses a body it cannot use: %j', async (body) => {
  const answer = await createBrowser(server.address).post('/auth/sign-in/email', body);
  expect(await answer.json()).toMatchObject({ status: 422, code: 'invalid-request' });
});

it('keeps passwords as argon2id and no session token a cookie could be made of', async () => {
  const { browser, personId } = await signedIn();
  const { password: kept } = await server.db
    .selectFrom('sign_in_accounts')
    .select('password')
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
  expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  const { token } = await server.db
    .selectFrom('sessions')
    .select('token')
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
  const name = browser.cookies().split('=')[0];
  const thief = createBrowser(server.address);
  thief.setCookies(`${name}=${token}`);
  await expect(thief.client.call(getMe, {})).rejects.toMatchObject({
    problem: expect.objectContaining({ code: 'sign-in-required' }),
  });
});

it('tells of a database that is away, and not of an error, whoever signs in or comes with a session', async () => {
  const { email, browser } = await signedIn();
  const { db, close } = openDatabase('postgresql://nobody@127.0.0.1:1/nothing');
  const signIn = createSignIn(db, server.installation, server.clock.now);
  const request = (path: string, method: string, body?: unknown) =>
    new Request(`${signIn.baseUrl()}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        cookie: browser.cookies(),
        origin: new URL(signIn.baseUrl()).origin,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  for (const work of [
    () => signIn.handle(request('/sign-in/email', 'POST', { email, password })),
    () => signIn.handle(request('/get-session', 'GET')),
    () => signIn.handle(request('/sign-out', 'POST', {})),
    () => signIn.personOf(browser.cookies()),
  ]) {
    const failed = await work().catch((error: unknown) => error);
    expect([isDatabaseAway(failed), failed]).toEqual([true, expect.anything()]);
  }
  await close();
});

import { randomUUIDv7 } from 'node:crypto';
import {
  createAccount,
  createApiKey,
  endOtherSessions,
  endSession,
  getMe,
  getMySecurity,
  grantRole,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { inTransaction } from '../database/transaction.ts';
import {
  createBrowser,
  refusal,
  startSecondServer,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { insertGrant } from './grants-store.ts';
import { purgeSignIn } from './index.ts';
import { makeLink } from './one-time-links-store.ts';
import {
  enterPassword,
  eventsAbout,
  password,
  type SignedInPerson,
  signedInPerson,
  turnOnCodes,
} from './testing/signed-in-person.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => server.clock.advance({ hours: 1 }));

const codeOf = async (work: Promise<unknown>) => (await refusal(work)).code;

it('lists where a person is signed in, the newest first, and says no token', async () => {
  const { email, browser } = await signedInPerson(server);
  const other = await enterPassword(server, email);
  await signedInPerson(server);
  const { sessions } = await browser.client.call(getMySecurity, {});
  expect(sessions.map(({ isThisOne, from }) => [isThisOne, from])).toEqual([
    [false, '127.0.0.1'],
    [true, '127.0.0.1'],
  ]);
  const text = await (await browser.request('GET', '/api/v1/me/security')).text();
  const rows = await server.db.selectFrom('sessions').select('token').execute();
  expect(rows.filter(({ token }) => text.includes(token))).toEqual([]);
  const theirs = await other.client.call(getMySecurity, {});
  expect(theirs.sessions.map(({ isThisOne }) => isThisOne)).toEqual([true, false]);
});

it('forgets sessions and links that are over, and keeps those that go on', async () => {
  const { email, browser, personId } = await signedInPerson(server);
  await enterPassword(server, email);
  const { sessions } = await browser.client.call(getMySecurity, {});
  await server.db
    .updateTable('sessions')
    .set({ expires_at: sql`now() - interval '1 second'` })
    .where('id', '=', sessions[0]?.sessionId ?? '')
    .execute();
  const link = { kind: 'password-reset', personId, accountId: null, publicUrl: server.address } as const;
  for (const minutes of [0, 45]) {
    const now = server.clock.now().add({ minutes });
    await inTransaction(server.db, (trx) => makeLink(trx, { ...link, linkId: randomUUIDv7(), now }));
  }
  await purgeSignIn(server.db, server.clock.now().add({ minutes: 90 }));
  const left = (table: 'sessions' | 'one_time_links') =>
    server.db.selectFrom(table).select('person_id').where('person_id', '=', personId).execute();
  expect([await left('sessions'), await left('one_time_links')].map(({ length }) => length)).toEqual([1, 1]);
  expect(await browser.client.call(getMe, {})).toMatchObject({ email });
});

it('ends one session, which every server refuses at the very next request', async () => {
  const { personId, email, browser } = await signedInPerson(server);
  const other = await enterPassword(server, email);
  const second = await startSecondServer(server);
  const elsewhere = createBrowser(second.address);
  elsewhere.setCookies(other.cookies());
  expect((await elsewhere.client.call(getMe, {})).email).toBe(email);
  const { sessions } = await browser.client.call(getMySecurity, {});
  const sessionId = sessions.find(({ isThisOne }) => !isThisOne)?.sessionId ?? '';
  await browser.client.call(endSession, { params: { sessionId } });
  expect(await codeOf(elsewhere.client.call(getMe, {}))).toBe('sign-in-required');
  expect(await codeOf(other.client.call(getMe, {}))).toBe('sign-in-required');
  expect((await browser.client.call(getMe, {})).email).toBe(email);
  expect(await codeOf(browser.client.call(endSession, { params: { sessionId } }))).toBe('not-found');
  expect(await eventsAbout(server, personId)).toEqual([
    ['endSession', 'ended another one of their sessions'],
  ]);
  await second.close();
});

it('ends all other sessions at once, and those of nobody else', async () => {
  const { personId, email, browser } = await signedInPerson(server);
  const others = [await enterPassword(server, email), await enterPassword(server, email)];
  const stranger = await signedInPerson(server);
  expect(await browser.client.call(endOtherSessions, {})).toEqual({ ended: 2 });
  for (const other of others) expect(await codeOf(other.client.call(getMe, {}))).toBe('sign-in-required');
  expect((await browser.client.call(getMe, {})).email).toBe(email);
  expect((await stranger.browser.client.call(getMe, {})).email).toBe(stranger.email);
  expect(await eventsAbout(server, personId)).toEqual([
    ['endOtherSessions', 'ended all their other sessions: 2'],
  ]);
});

it('signs a person in a hundred times at once and no more: the oldest session makes room, which is one event', async () => {
  const { email, personId, browser } = await signedInPerson(server);
  const [stranger, neighbour] = [await signedInPerson(server), await enterPassword(server, email)];
  // Ninety-seven more, an hour younger than the first one and as many seconds apart; and an older one that has ended.
  await sql`update sessions set created_at = created_at - interval '1 day' where person_id = ${personId}`.execute(
    server.db,
  );
  await sql`
    insert into sessions (id, person_id, token, expires_at, created_at, updated_at)
    select gen_random_uuid(), ${personId}, 'made up ' || n, now() + interval '1 day' * case n when 0 then -1 else 1 end,
           now() - interval '1 hour' - interval '1 second' * n, now()
      from generate_series(0, 97) n`.execute(server.db);
  await enterPassword(server, email);
  expect((await browser.client.call(getMySecurity, {})).sessions).toHaveLength(100);
  expect(await eventsAbout(server, personId)).toEqual([]);
  // Two at once: the two oldest end, and nobody else's.
  const [one, two] = await Promise.all([enterPassword(server, email), enterPassword(server, email)]);
  for (const ended of [browser, neighbour]) {
    expect(await codeOf(ended.client.call(getMe, {}))).toBe('sign-in-required');
  }
  for (const living of [one, two, stranger.browser]) await living.client.call(getMe, {});
  const { sessions } = await one.client.call(getMySecurity, {});
  expect(sessions).toHaveLength(100);
  // Each ends one, or whoever comes first after both were there ends two.
  const told = (await eventsAbout(server, personId)).map(([operation, message]) => {
    const [, ended] =
      /^signed in, which ended their oldest sessions: (\d); 100 is the most$/.exec(message) ?? [];
    return [operation, Number(ended)] as const;
  });
  expect(new Set(told.map(([operation]) => operation))).toEqual(new Set(['endOldestSessions']));
  expect(told.reduce((sum, [, ended]) => sum + ended, 0)).toBe(2);
});

it('ends no session of somebody else, and says nothing of it', async () => {
  const mine = await signedInPerson(server);
  const theirs = await signedInPerson(server);
  const { sessions } = await theirs.browser.client.call(getMySecurity, {});
  const sessionId = sessions[0]?.sessionId ?? '';
  expect(await codeOf(mine.browser.client.call(endSession, { params: { sessionId } }))).toBe('not-found');
  expect((await theirs.browser.client.call(getMe, {})).email).toBe(theirs.email);
});

it('has nothing for an API key', async () => {
  for (const work of [
    () => server.operator.call(getMySecurity, {}),
    () => server.operator.call(endOtherSessions, {}),
    () => server.operator.call(endSession, { params: { sessionId: randomUUIDv7() } }),
  ]) {
    expect(await codeOf(work())).toBe('person-required');
  }
});

/** An administrator of an account, signed in now. */
async function administrator(): Promise<SignedInPerson & { accountId: string }> {
  const who = await signedInPerson(server);
  const { accountId } = await server.account(randomUUIDv7());
  await server.db.transaction().execute(async (trx) => {
    await insertGrant(trx, {
      accountId,
      grantId: randomUUIDv7(),
      personId: who.personId,
      role: 'account-administrator',
      scope: { kind: 'account' },
      until: null,
      grantedBy: 'test',
      grantedAt: server.clock.now(),
    });
    await trx
      .insertInto('platform_grants')
      .values({ person_id: who.personId, role: 'operator', granted_at: server.clock.now() })
      .execute();
  });
  return { ...who, accountId };
}

const dangerous = (accountId: string) =>
  [
    [
      createApiKey,
      { params: { accountId }, body: { name: 'K', role: 'viewer', scope: { kind: 'account' } } },
    ],
    [
      grantRole,
      {
        params: { accountId },
        body: { email: 'x@example.com', role: 'account-administrator', scope: { kind: 'account' } },
      },
    ],
    [
      createAccount,
      {
        body: {
          name: 'New',
          domainIdentifier: `${randomUUIDv7()}.example`,
          administrator: { name: 'A', email: 'a@example.com' },
          overrideReason: 'A contractor sets it up',
        },
      },
    ],
  ] as const;

it('asks a person again before something dangerous when they proved who they are 15 minutes ago', async () => {
  const { accountId, browser, personId, email } = await administrator();
  const acts = dangerous(accountId).map(
    ([operation, input]) =>
      () =>
        browser.client.call(operation as typeof createApiKey, input as never),
  );
  server.clock.advance({ minutes: 15 });
  for (const act of acts) await act();
  server.clock.advance({ seconds: 1 });
  for (const act of acts) {
    expect(await refusal(act())).toMatchObject({ code: 'step-up-required', status: 403 });
  }
  // What is not dangerous is not asked.
  const body = { email: 'y@example.com', role: 'viewer', scope: { kind: 'account' } } as const;
  await browser.client.call(grantRole, { params: { accountId }, body });

  expect((await browser.client.call(getMySecurity, {})).provedUntil).toBe(null);
  const wrong = await browser.post('/auth/step-up', { password: 'wrong horse battery' });
  expect(await wrong.json()).toMatchObject({ code: 'password-wrong', status: 422 });
  expect(await codeOf((acts[0] as () => Promise<unknown>)())).toBe('step-up-required');
  expect((await browser.post('/auth/step-up', { password })).status).toBe(200);
  expect((await browser.client.call(getMySecurity, {})).provedUntil).toBe(
    server.clock.now().add({ minutes: 15 }).toString(),
  );
  await (acts[0] as () => Promise<unknown>)();
  await (acts[1] as () => Promise<unknown>)();
  // It holds for that session alone.
  const other = await enterPassword(server, email);
  server.clock.advance({ minutes: 14 });
  await browser.post('/auth/step-up', { password });
  server.clock.advance({ minutes: 2 });
  const key = dangerous(accountId)[0];
  expect(await codeOf(other.client.call(key[0], key[1]))).toBe('step-up-required');
  await browser.client.call(key[0], key[1]);
  expect(await eventsAbout(server, personId)).toEqual([]);
});

it('never asks an API key, which has no session', async () => {
  const { accountId, administrator: key } = await server.account('Keys');
  const [make, give] = dangerous(accountId);
  server.clock.advance({ hours: 24 });
  expect((await key.call(make[0], make[1])).secret).toMatch(/^esak_/);
  expect((await key.call(give[0], give[1])).grant.role).toBe('account-administrator');
});

it('takes a code of the app or a recovery code for it, once, and bounds the tries', async () => {
  const who = await administrator();
  const { accountId, browser } = who;
  const { code, recoveryCodes } = await turnOnCodes(server, who);
  const [operation, input] = dangerous(accountId)[0];
  const prove = async (given: unknown) => (await browser.post('/auth/step-up', given)).status;
  server.clock.advance({ minutes: 30 });
  const right = await code();
  expect(await prove({ code: right })).toBe(200);
  await browser.client.call(operation, input);
  expect(await prove({ code: right })).toBe(422);
  server.clock.advance({ minutes: 30 });
  expect(await codeOf(browser.client.call(operation, input))).toBe('step-up-required');
  expect(await prove({ code: recoveryCodes[0] })).toBe(200);
  await browser.client.call(operation, input);
  expect(await prove({ code: recoveryCodes[0] })).toBe(422);
  const statuses: number[] = [];
  for (let tries = 0; tries < 11; tries++) statuses.push(await prove({ code: '000000' }));
  expect(statuses).toEqual([...Array.from({ length: 9 }, () => 422), 429, 429]);
  expect(await prove({ code: recoveryCodes[1] })).toBe(429);
});

it.each([[{}], [{ password: 'x', code: '1' }], [{ password: 7 }], [[]]])(
  'refuses a proof it cannot read: %j',
  async (body) => {
    const { browser } = await signedInPerson(server);
    const answer = await browser.post('/auth/step-up', body);
    expect(await answer.json()).toMatchObject({ code: 'invalid-request', status: 422 });
  },
);

it('takes no proof without a session, or from another site', async () => {
  const nobody = await createBrowser(server.address).post('/auth/step-up', { password });
  expect(await nobody.json()).toMatchObject({ code: 'sign-in-required' });
  const { browser } = await signedInPerson(server);
  const answer = await browser.request(
    'POST',
    '/auth/step-up',
    { password },
    { origin: 'https://evil.example' },
  );
  expect(await answer.json()).toMatchObject({ code: 'cross-origin' });
});

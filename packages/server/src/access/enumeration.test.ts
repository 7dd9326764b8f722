import { createHook } from 'node:async_hooks';
import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { createApiKey } from '@estover/protocol';
import { deviceMessages, documentMediaType } from '@estover/protocol/device';
import { formatSecret } from '@estover/protocol/secrets';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type SeededAccount, startTestServer, type TestServer, testDevice } from '../testing/index.ts';
import { ensurePerson } from './people-store.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';
import { password, type SignedInPerson, signedInPerson } from './testing/signed-in-person.ts';

/** How often a password was hashed, which is what takes time. Modules are shared with other files, so nothing of them is replaced. */
const hashed = { times: 0 };
const hashes = createHook({
  init(_, type) {
    if (type === 'ARGON2REQUEST') hashed.times += 1;
  },
});

let server: TestServer;
let account: SeededAccount;
let who: SignedInPerson;
beforeAll(async () => {
  hashes.enable();
  server = await startTestServer({ trustProxy: true });
  account = await server.account('Known');
  who = await signedInPerson(server);
});
afterAll(() => {
  hashes.disable();
  return server.close();
});
beforeEach(() => server.clock.advance({ hours: 2 }));

interface Asked {
  url: string;
  body: object | string;
  headers?: Record<string, string>;
}

let addresses = 0;

/** What a request does until it is answered: statements as they are written, hashes, and mails; and what is answered. */
async function workOf({ url, body, headers = {} }: Asked) {
  const statements: string[] = [];
  hashed.times = 0;
  const mailsBefore = await countMails();
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...given: unknown[]
  ) {
    const [config] = given;
    const text = typeof config === 'string' ? config : (config as { text?: string } | undefined)?.text;
    statements.push((text ?? '').replaceAll(/\s+/g, ' '));
    return query.apply(this, given) as never;
  } as typeof pg.Client.prototype.query);
  try {
    const answer = await server.app.inject({
      method: 'POST',
      url,
      // Each from a network of its own, so that no bound is met.
      headers: { 'x-forwarded-for': `198.51.${++addresses}.1`, ...headers },
      payload: body,
    });
    const { times, done } = { times: hashed.times, done: [...statements] };
    const text = answer.body.replaceAll(/"requestId":"[^"]*"/g, '');
    const names = Object.keys(answer.headers).toSorted();
    const mails = (await countMails()) - mailsBefore;
    return { answer: { status: answer.statusCode, text, names }, hashes: times, statements: done, mails };
  } finally {
    spy.mockRestore();
    // Whether somebody is there is looked up after the answer, and is no part of the next request.
    await vi.waitFor(async () => expect(await countResets()).toBe(0));
  }
}

const countMails = async (): Promise<number> =>
  (await sql<{ n: number }>`select count(*)::int as n from mails`.execute(server.db)).rows[0]?.n ?? 0;

const countResets = async (): Promise<number> =>
  (await sql<{ n: number }>`select count(*)::int as n from password_reset_requests`.execute(server.db))
    .rows[0]?.n ?? 0;

/** Sees that everything is done alike for what is there and for what is nowhere. Answers what was done. */
async function expectAlike(asked: Asked[]) {
  // The first request of a connection sets it up.
  const [first] = asked;
  if (first !== undefined) await workOf(first);
  const works = [];
  for (const each of asked) works.push(await workOf(each));
  for (const work of works) expect(work).toEqual(works[0]);
  return works[0] as Awaited<ReturnType<typeof workOf>>;
}

it('looks a person up and hashes once, whoever signs in with a password that is not theirs', async () => {
  const invited = `${randomUUIDv7()}@example.com`;
  await server.db
    .transaction()
    .execute((trx) =>
      ensurePerson(trx, { personId: randomUUIDv7(), name: 'I', email: invited, now: server.clock.now() }),
    );
  const of = (email: string): Asked => ({
    url: '/auth/sign-in/email',
    body: { email, password: 'wrong horse battery' },
  });
  const known = await makePersonWithPassword(server, password);
  const emails = [known.email, invited, `${randomUUIDv7()}@example.com`, 'no address at all'];
  const work = await expectAlike(emails.map(of));
  expect([work.answer.status, work.hashes, work.statements.length, work.mails]).toEqual([401, 1, 1, 0]);
});

it('says how somebody signs in by the domain of their address alone', async () => {
  const emails = [who.email, `${randomUUIDv7()}@example.com`];
  const work = await expectAlike(emails.map((email) => ({ url: '/auth/sign-in/begin', body: { email } })));
  expect([work.answer.status, work.hashes, work.mails]).toEqual([200, 0, 0]);
});

it('notes that somebody asks for a new password, and looks nobody up before the answer', async () => {
  const emails = [who.email, `${randomUUIDv7()}@example.com`];
  const work = await expectAlike(
    emails.map((email) => ({ url: '/auth/request-password-reset', body: { email } })),
  );
  expect([work.answer, work.hashes, work.mails]).toMatchObject([{ status: 202, text: '{}' }, 0, 0]);
  expect(work.statements).toEqual([expect.stringMatching(/^insert into "password_reset_requests"/)]);
});

it('looks a client up and compares one hash twice, whether there is such a client or not', async () => {
  const { apiKey } = await account.administrator.call(createApiKey, {
    params: { accountId: account.accountId },
    body: { name: 'Sync', role: 'viewer', scope: { kind: 'account' } },
  });
  const of = (client_id: string): Asked => ({
    url: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id,
      client_secret: formatSecret('esak_', account.accountId, randomBytes(20)),
    }).toString(),
  });
  const work = await expectAlike([apiKey.apiKeyId, randomUUIDv7(), 'nobody'].map(of));
  expect([work.answer.status, work.hashes, work.statements.length]).toEqual([401, 0, 1]);
});

it('asks for access to an account that is there and to one that is nowhere with the same statements', async () => {
  const of = (identifier: string): Asked => ({
    url: '/api/v1/access-requests',
    headers: { cookie: who.browser.cookies(), origin: server.installation.publicUrl },
    body: { identifier, role: 'viewer', place: '', reason: 'I work there' },
  });
  const works = [];
  for (const identifier of ['warm.example', 'known.example', 'nowhere.example']) {
    works.push(await workOf(of(identifier)));
  }
  const [, known, nowhere] = works.map(({ answer, ...work }) => ({ status: answer.status, ...work }));
  expect(known).toEqual(nowhere);
  expect([known?.status, known?.hashes, known?.mails]).toEqual([201, 0, 0]);
});

it('looks a registration token up the same way, whether its account is there or not', async () => {
  const device = await testDevice(server);
  const random = randomBytes(20);
  const tokens = [
    formatSecret('esrt_', account.accountId, random),
    formatSecret('esrt_', randomUUIDv7(), random),
  ];
  const documents = await Promise.all(tokens.map((token) => device.writeRegistration(token)));
  const asked = documents.map((body) => ({
    url: deviceMessages.register.path,
    headers: { 'content-type': documentMediaType },
    body,
  }));
  const works = [];
  for (const each of [...asked.slice(0, 1), ...asked]) works.push(await workOf(each));
  // What is answered names the message, so it is the same but for that.
  const [, there, nowhere] = works;
  expect(there?.statements.length).toBeGreaterThan(0);
  expect([there?.statements, there?.hashes, there?.answer.status]).toEqual([
    nowhere?.statements,
    nowhere?.hashes,
    nowhere?.answer.status,
  ]);
  expect(there?.answer.status).toBe(422);
});

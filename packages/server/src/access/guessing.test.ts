import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { createApiKey, getMe } from '@estover/protocol';
import { deviceMessages, documentMediaType } from '@estover/protocol/device';
import { formatSecret } from '@estover/protocol/secrets';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestServer, type TestServer, testDevice } from '../testing/index.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';
import { password } from './testing/signed-in-person.ts';

const networks = 1_000;
/** Guesses from all of them together; `GUESSES=10000` makes the whole attack. */
const tries = Number(process.env.GUESSES ?? 2_000);
const atOnce = 40;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ trustProxy: true });
});
afterAll(() => server.close());
// Tries refill with time, so that no test is bounded by another.
beforeEach(() => server.clock.advance({ hours: 3 }));

/** The address of one of a thousand networks. */
const network = (n: number) => `198.${18 + ((n % networks) >> 8)}.${n & 255}.9`;

interface Asked {
  url: string;
  from: string;
  body?: unknown;
  headers?: Record<string, string>;
}
type Answer = Awaited<ReturnType<typeof ask>>;

/** One request by way of the proxy, which says where it comes from. */
async function ask({ url, from, body, headers = {} }: Asked) {
  const { statusCode, json, cookies, ...answer } = await server.app.inject({
    method: body === undefined ? 'GET' : 'POST',
    url,
    headers: { 'x-forwarded-for': from, ...headers },
    ...(body === undefined ? {} : { payload: body as string | object }),
  });
  const mark = cookies.find(({ name }) => name === 'estover.known');
  const code = () => (json() as { code?: string }).code;
  return { status: statusCode, code, cookies, mark, retryAfter: answer.headers['retry-after'] };
}

/** Makes so many requests, some of them at once. Answers how often each status came. */
async function count(
  many: number,
  of: (n: number) => Asked,
  look: (answer: Answer, n: number) => void = () => {},
): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  for (let first = 0; first < many; first += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, many - first) }, (_, at) => first + at);
    const answers = await Promise.all(batch.map((n) => ask(of(n))));
    answers.forEach((answer, at) => {
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      look(answer, first + at);
    });
  }
  return statuses;
}

const person = () => makePersonWithPassword(server, password);
const signIn = (email: string, given: string, from: string, mark?: Answer['mark']): Asked => ({
  url: '/auth/sign-in/email',
  from,
  body: { email, password: given },
  ...(mark === undefined ? {} : { headers: { cookie: `estover.known=${mark.value}` } }),
});
const wrong = 'wrong horse battery';

it('one person’s password is tried fifty times from a thousand networks, and they still get in', async () => {
  const { email } = await person();
  const other = await person();
  const home = '203.0.113.7';
  const { mark } = await ask(signIn(email, password, home));
  expect(mark).toMatchObject({ path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 180 * 86_400 });
  // The very last guess is right, and comes too late.
  const guesses = await count(tries, (n) =>
    signIn(email.toUpperCase(), n === tries - 1 ? password : wrong, network(n)),
  );
  expect(guesses).toEqual({ 401: 50, 429: tries - 50 });
  expect(await ask(signIn(email, password, '203.0.113.8'))).toMatchObject({ status: 429, retryAfter: '120' });
  // The browser in which they signed in before is theirs alone, from wherever it comes, and bounded by itself.
  expect((await ask(signIn(email, password, '203.0.113.9', mark))).status).toBe(200);
  expect(await count(12, () => signIn(email, wrong, network(0), mark))).toEqual({ 401: 10, 429: 2 });
  // It is nothing for another person, nor when it was changed, and others go on.
  const forged = { name: 'estover.known', value: `${mark?.value.slice(0, -4)}AAAA` };
  expect((await ask(signIn(email, password, home, forged))).status).toBe(429);
  expect(await count(12, () => signIn(other.email, wrong, network(3), mark))).toEqual({ 401: 10, 429: 2 });
  expect((await ask(signIn(other.email, password, network(4)))).status).toBe(200);
  server.clock.advance({ seconds: 120 });
  // One more for everybody in two minutes, and what goes well is given back.
  const later = [1, 2, 3].map(() => ask(signIn(email, password, '203.0.113.20')));
  expect((await Promise.all(later)).map(({ status }) => status).toSorted()).toEqual([200, 429, 429]);
  expect((await ask(signIn(email, password, '203.0.113.20'))).status).toBe(200);
});

it('a network makes sixty sign-ins at once, whoever they are for, and nobody else is kept out by it', async () => {
  const { email } = await person();
  const from = '203.0.113.50';
  const { mark } = await ask(signIn(email, password, from));
  const spray = await count(80, (n) => signIn(`nobody${n}@sprayed.example`, wrong, from));
  expect(spray).toEqual({ 401: 59, 429: 21 });
  expect(await ask(signIn(email, password, from))).toMatchObject({ status: 429, retryAfter: '2' });
  expect((await ask(signIn(email, password, from, mark))).status).toBe(200);
  expect((await ask(signIn(email, password, '203.0.113.51'))).status).toBe(200);
  server.clock.advance({ seconds: 2 });
  expect((await ask(signIn(email, password, from))).status).toBe(200);
});

const me = (secret: string, from: string): Asked => ({
  url: '/api/v1/me',
  from,
  headers: { authorization: `Bearer ${secret}` },
});

it('API keys are nobody’s from a thousand networks, and a network tries two hundred', async () => {
  const account = await server.account('Guessed');
  const { accountId } = account;
  const key = await server.keyOf(accountId, 'viewer');
  const fresh = await server.keyOf(accountId, 'viewer');
  const guess = () => formatSecret('esak_', accountId, randomBytes(20));
  const from = network(0);
  expect((await ask(me(key, from))).status).toBe(200);
  expect(await count(tries, (n) => me(guess(), network(n)))).toEqual({ 401: tries });
  // Some of this network's were those of before; so much for keys and access tokens together, also at once.
  const before = tries / networks;
  let refused: Answer | undefined;
  const more = await count(
    300,
    (n) =>
      me(n % 2 === 0 ? guess() : formatSecret('esat_', accountId, randomBytes(20).fill(255, 0, 4)), from),
    (answer) => {
      if (answer.status === 429) refused = answer;
    },
  );
  expect(more).toEqual({ 401: 200 - before, 429: 100 + before });
  expect([refused?.retryAfter, refused?.code()]).toEqual(['5', 'too-many-requests']);
  // A program that came from there before goes on; a new one waits a little, and elsewhere nobody does.
  expect((await ask(me(key, from))).status).toBe(200);
  expect((await ask(me(fresh, from))).status).toBe(429);
  expect((await ask(me(fresh, network(1)))).status).toBe(200);
  expect((await ask(me(fresh, from))).status).toBe(200);
  // What is mistyped is known to be so without a look, and takes nobody's tries.
  expect(await count(60, () => me(`${guess().slice(0, -1)}!`, network(2)))).toEqual({ 401: 60 });
  server.clock.advance({ seconds: 5 });
  expect((await ask(me(await server.keyOf(accountId, 'viewer'), from))).status).toBe(200);
});

it('a key that was revoked is nobody’s guess, so that a program that was left running shuts nobody out', async () => {
  const { accountId } = await server.account('Revoked');
  const from = '203.0.113.60';
  const [revoked, living] = [
    await server.keyOf(accountId, 'viewer'),
    await server.keyOf(accountId, 'account-user'),
  ];
  await server.db
    .updateTable('api_keys')
    .set({ revoked_at: server.clock.now() })
    .where('account_id', '=', accountId)
    .where('role', '=', 'viewer')
    .execute();
  expect(await count(250, () => me(revoked, from))).toEqual({ 401: 250 });
  expect((await ask(me(living, from))).status).toBe(200);
});

it('clients’ secrets are nobody’s from a thousand networks; a network asks for a hundred and twenty tokens', async () => {
  const { accountId, administrator } = await server.account('Clients');
  const { apiKey, secret } = await administrator.call(createApiKey, {
    params: { accountId },
    body: { name: 'Sync', role: 'viewer', scope: { kind: 'account' } },
  });
  const token = (client: string, given: string, from: string): Asked => ({
    url: '/oauth/token',
    from,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      client_secret: given,
    }).toString(),
  });
  const guess = () => formatSecret('esak_', accountId, randomBytes(20));
  const { apiKeyId } = apiKey;
  expect(await count(3 * networks, (n) => token(apiKeyId, guess(), network(n)))).toEqual({
    401: 3 * networks,
  });
  // Nobody elsewhere keeps the client from its tokens.
  expect((await ask(token(apiKeyId, secret, '203.0.113.70'))).status).toBe(200);
  // Three of its tries at this client were those of before, and of its tries at all.
  expect(await count(20, () => token(apiKeyId, guess(), network(0)))).toEqual({ 401: 17, 429: 3 });
  expect(await count(130, () => token(randomUUIDv7(), guess(), network(0)))).toEqual({ 401: 97, 429: 33 });
});

it('registration tokens are nobody’s from a thousand networks, and a network tries thirty', async () => {
  const { accountId } = await server.account('Tokens');
  const device = await testDevice(server);
  const guess = () => device.writeRegistration(formatSecret('esrt_', accountId, randomBytes(20)));
  const documents = await Promise.all(Array.from({ length: 40 }, guess));
  const register = (document: string, from: string): Asked => ({
    url: deviceMessages.register.path,
    from,
    headers: { 'content-type': documentMediaType },
    body: document,
  });
  const codes = new Set<string | undefined>();
  const spread = await count(
    networks,
    (n) => register(documents[n % 40] ?? '', network(n)),
    ({ code }) => codes.add(code()),
  );
  expect([spread, [...codes]]).toEqual([{ 422: networks }, ['token-unknown']]);
  const one = await count(40, (n) => register(documents[n] ?? '', '203.0.113.80'));
  expect(one).toEqual({ 422: 30, 429: 10 });
});

it('no secret in use has fewer than 128 bits of chance', async () => {
  const { accountId, administrator } = await server.account('Long');
  const { secret } = await administrator.call(createApiKey, {
    params: { accountId },
    body: { name: 'Sync', role: 'viewer', scope: { kind: 'account' } },
  });
  // Every secret of ours is 55 letters and digits behind its kind: an id, 20 random bytes and a check.
  expect(secret).toMatch(/^esak_[0-9A-Za-z]{55}$/);
  expect(await server.client(secret).call(getMe, {})).toMatchObject({ name: 'Sync' });
  const { email } = await person();
  const { cookies } = await ask(signIn(email, password, '203.0.113.90'));
  const [token = '', signature = ''] = (cookies[0]?.value ?? '').split('.');
  // 62^32 and 256 bits.
  expect([token, Buffer.from(decodeURIComponent(signature), 'base64').length]).toEqual([
    expect.stringMatching(/^[0-9A-Za-z]{32}$/),
    32,
  ]);
});

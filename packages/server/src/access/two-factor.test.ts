import { getMe, getMySecurity } from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createBrowser,
  refusal,
  startTestServer,
  type TestBrowser,
  type TestServer,
} from '../testing/index.ts';
import { purgeSignIn } from './index.ts';
import { choosePassword, lockPerson } from './people-store.ts';
import {
  eventsAbout,
  mailsTo,
  password,
  type SignedInPerson,
  signedInPerson,
  turnOnCodes,
} from './testing/signed-in-person.ts';
import { totpCode } from './totp.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => server.clock.advance({ hours: 1 }));

const withCodes = async (): Promise<SignedInPerson & Awaited<ReturnType<typeof turnOnCodes>>> => {
  const who = await signedInPerson(server);
  return { ...who, ...(await turnOnCodes(server, who)) };
};

/** The first half of a sign-in. */
async function begin(email: string): Promise<{ browser: TestBrowser; challenge: string }> {
  const browser = createBrowser(server.address);
  const answer = await browser.post('/auth/sign-in/email', { email, password });
  const body = (await answer.json()) as { state: string; challenge: string };
  expect([answer.status, body.state]).toEqual([200, 'code-needed']);
  return { browser, challenge: body.challenge };
}

const refusedWith = async (answer: Promise<Response>): Promise<string> =>
  ((await (await answer).json()) as { code: string }).code;

const isNobody = async (browser: TestBrowser) =>
  (await refusal(browser.client.call(getMe, {}))).code === 'sign-in-required';

it('is turned on with the password and the first code; the person hears of it, and it is one event', async () => {
  const { browser, personId, email } = await signedInPerson(server);
  const wrong = browser.post('/auth/totp/start', { password: 'wrong horse battery' });
  expect(await refusedWith(wrong)).toBe('password-wrong');
  const started = (await (await browser.post('/auth/totp/start', { password })).json()) as {
    secret: string;
    uri: string;
  };
  expect(started.uri).toContain(`secret=${started.secret}&issuer=Estover`);
  expect((await browser.client.call(getMySecurity, {})).totp).toEqual({
    isOn: false,
    since: null,
    recoveryCodesLeft: 0,
  });
  expect(await refusedWith(browser.post('/auth/totp/confirm', { code: '000000' }))).toBe('code-wrong');
  const code = await totpCode(started.secret, server.clock.now());
  const confirmed = await browser.post('/auth/totp/confirm', { code });
  const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] };
  expect(new Set(recoveryCodes).size).toBe(10);
  expect((await browser.client.call(getMySecurity, {})).totp).toEqual({
    isOn: true,
    since: server.clock.now().toString(),
    recoveryCodesLeft: 10,
  });
  expect(await refusedWith(browser.post('/auth/totp/confirm', { code }))).toBe('totp-state');
  expect(await refusedWith(browser.post('/auth/totp/start', { password }))).toBe('totp-state');
  expect(await eventsAbout(server, personId)).toEqual([['turnOnTotp', 'turned codes at sign-in on']]);
  expect(await mailsTo(server, email)).toEqual(['Sign-in now asks you for a code']);
});

it('counts for nothing until it is confirmed, and can be confirmed for an hour', async () => {
  const { browser, email, personId } = await signedInPerson(server);
  const start = async () =>
    ((await (await browser.post('/auth/totp/start', { password })).json()) as { secret: string }).secret;
  const first = await start();
  const second = await start();
  const signIn = await createBrowser(server.address).post('/auth/sign-in/email', { email, password });
  expect(await signIn.json()).toEqual({ state: 'signed-in' });
  const ofFirst = await totpCode(first, server.clock.now());
  expect(await refusedWith(browser.post('/auth/totp/confirm', { code: ofFirst }))).toBe('code-wrong');
  server.clock.advance({ minutes: 60, seconds: 1 });
  const late = await totpCode(second, server.clock.now());
  expect(await refusedWith(browser.post('/auth/totp/confirm', { code: late }))).toBe('totp-state');
  await purgeSignIn(server.db, server.clock.now());
  const rows = await server.db
    .selectFrom('totp_secrets')
    .select('person_id')
    .where('person_id', '=', personId)
    .execute();
  expect(rows).toEqual([]);
});

it('lets nobody in with the password alone: a code of now has to follow, which works once', async () => {
  const { email, code } = await withCodes();
  const { browser, challenge } = await begin(email);
  expect(browser.cookies()).toBe('');
  expect(await isNobody(browser)).toBe(true);
  expect(await refusedWith(browser.post('/auth/sign-in/code', { challenge, code: '000000' }))).toBe(
    'code-wrong',
  );
  const right = await code();
  const answer = await browser.post('/auth/sign-in/code', { challenge, code: right });
  expect([answer.status, await answer.json()]).toEqual([200, { state: 'signed-in' }]);
  const [cookie] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^estover\.session_token=.*HttpOnly/i);
  expect((await browser.client.call(getMe, {})).email).toBe(email);
  // Neither the challenge nor the code works twice.
  expect(await refusedWith(browser.post('/auth/sign-in/code', { challenge, code: await code() }))).toBe(
    'sign-in-ended',
  );
  const again = await begin(email);
  const replayed = again.browser.post('/auth/sign-in/code', { challenge: again.challenge, code: right });
  expect(await refusedWith(replayed)).toBe('code-wrong');
  expect(await isNobody(again.browser)).toBe(true);
});

it('lets one of two in who come with the same code at once', async () => {
  const { email, code } = await withCodes();
  const both = [await begin(email), await begin(email)];
  const right = await code();
  const answers = await Promise.all(
    both.map(({ browser, challenge }) => browser.post('/auth/sign-in/code', { challenge, code: right })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses[0]).toBe(200);
  // The other one's code is used, or its sign-in ended with the first one's.
  expect([409, 422]).toContain(statuses[1]);
});

it('takes a recovery code in place of the app, once, and tells how many are left', async () => {
  const { email, personId, recoveryCodes, browser } = await withCodes();
  const first = await begin(email);
  const given = { challenge: first.challenge, code: recoveryCodes[3]?.toUpperCase() };
  expect((await first.browser.post('/auth/sign-in/code', given)).status).toBe(200);
  const second = await begin(email);
  const again = second.browser.post('/auth/sign-in/code', { ...given, challenge: second.challenge });
  expect(await refusedWith(again)).toBe('code-wrong');
  expect((await browser.client.call(getMySecurity, {})).totp.recoveryCodesLeft).toBe(9);
  expect(await eventsAbout(server, personId)).toEqual([
    ['turnOnTotp', 'turned codes at sign-in on'],
    ['useRecoveryCode', 'used one of their recovery codes; 9 are left'],
  ]);
  expect(await mailsTo(server, email)).toEqual([
    'Sign-in now asks you for a code',
    'A recovery code was used',
  ]);
});

it('ends a sign-in after five wrong codes or five minutes', async () => {
  const { email, code } = await withCodes();
  const { browser, challenge } = await begin(email);
  const send = async (given: string) =>
    refusedWith(browser.post('/auth/sign-in/code', { challenge, code: given }));
  for (let tries = 0; tries < 5; tries++) expect(await send('000000')).toBe('code-wrong');
  expect(await send(await code())).toBe('sign-in-ended');
  const late = await begin(email);
  server.clock.advance({ minutes: 5 });
  const answer = late.browser.post('/auth/sign-in/code', { challenge: late.challenge, code: await code() });
  expect(await refusedWith(answer)).toBe('sign-in-ended');
  await purgeSignIn(server.db, server.clock.now());
  expect(await server.db.selectFrom('sign_in_challenges').select('kind').execute()).toEqual([]);
});

it('bounds the codes that are tried for one person, over all their sign-ins', async () => {
  const { email, code } = await withCodes();
  const statuses: number[] = [];
  for (let tries = 0; tries < 12; tries++) {
    const { browser, challenge } = await begin(email);
    const answer = await browser.post('/auth/sign-in/code', { challenge, code: '000000' });
    statuses.push(answer.status);
    if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('120');
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 422), 429, 429]);
  server.clock.advance({ seconds: 120 });
  const { browser, challenge } = await begin(email);
  expect((await browser.post('/auth/sign-in/code', { challenge, code: await code() })).status).toBe(200);
});

it('ends a sign-in that waits for its code when the password is changed', async () => {
  const { email, personId, code } = await withCodes();
  const { browser, challenge } = await begin(email);
  await server.db.transaction().execute((trx) =>
    choosePassword(trx, {
      personId,
      name: 'Ana Ruiz',
      passwordHash: '$argon2id$',
      newId: crypto.randomUUID(),
      now: server.clock.now(),
    }),
  );
  const answer = browser.post('/auth/sign-in/code', { challenge, code: await code() });
  expect(await refusedWith(answer)).toBe('sign-in-ended');
});

it('opens no session with a code for a password that is replaced before there is one', async () => {
  const { email, personId, code } = await withCodes();
  const { browser, challenge } = await begin(email);
  const given = { challenge, code: await code() };
  const waits = () =>
    server.db.selectFrom('sign_in_challenges').select('kind').where('person_id', '=', personId).execute();
  const { answer } = await server.db.transaction().execute(async (trx) => {
    await lockPerson(trx, personId);
    const answer = browser.post('/auth/sign-in/code', given);
    // The code is used up, and its session waits for the person, who is held here.
    await expect.poll(waits).toEqual([]);
    const chosen = { name: 'Ana Ruiz', passwordHash: '$argon2id$', newId: crypto.randomUUID() };
    await choosePassword(trx, { personId, ...chosen, now: server.clock.now() });
    return { answer };
  });
  expect(await refusedWith(answer)).toBe('sign-in-ended');
  expect(await isNobody(browser)).toBe(true);
  const left = await server.db
    .selectFrom('sessions')
    .select('id')
    .where('person_id', '=', personId)
    .execute();
  expect(left).toEqual([]);
});

it('makes new recovery codes for password and code; the earlier ones are void', async () => {
  const { email, personId, browser, code, recoveryCodes } = await withCodes();
  const ask = (given: unknown) => browser.post('/auth/totp/recovery-codes', given);
  expect(await refusedWith(ask({ password: 'wrong horse battery', code: await code() }))).toBe(
    'password-wrong',
  );
  expect(await refusedWith(ask({ password, code: '000000' }))).toBe('code-wrong');
  const fresh = (await (await ask({ password, code: await code() })).json()) as { recoveryCodes: string[] };
  expect(fresh.recoveryCodes.filter((each) => recoveryCodes.includes(each))).toEqual([]);
  const { browser: other, challenge } = await begin(email);
  const old = other.post('/auth/sign-in/code', { challenge, code: recoveryCodes[0] });
  expect(await refusedWith(old)).toBe('code-wrong');
  const used = await other.post('/auth/sign-in/code', { challenge, code: fresh.recoveryCodes[0] });
  expect(used.status).toBe(200);
  expect((await eventsAbout(server, personId))[1]).toEqual([
    'renewRecoveryCodes',
    'made new recovery codes; the earlier ones are void',
  ]);
  expect((await mailsTo(server, email))[1]).toBe('You have new recovery codes');
});

it('is turned off with password and code, and forgets everything', async () => {
  const { email, personId, browser, code } = await withCodes();
  const turnOff = (given: unknown) => browser.post('/auth/totp/turn-off', given);
  expect(await refusedWith(turnOff({ password: 'wrong horse battery', code: await code() }))).toBe(
    'password-wrong',
  );
  expect(await refusedWith(turnOff({ password, code: '000000' }))).toBe('code-wrong');
  expect(await refusedWith(turnOff({ password }))).toBe('invalid-request');
  expect((await turnOff({ password, code: await code() })).status).toBe(200);
  const answer = await createBrowser(server.address).post('/auth/sign-in/email', { email, password });
  expect(await answer.json()).toEqual({ state: 'signed-in' });
  for (const table of ['totp_secrets', 'recovery_codes'] as const) {
    const rows = await server.db
      .selectFrom(table)
      .select('person_id')
      .where('person_id', '=', personId)
      .execute();
    expect(rows, table).toEqual([]);
  }
  expect(await refusedWith(turnOff({ password, code: await code() }))).toBe('totp-state');
  expect((await eventsAbout(server, personId)).map(([operation]) => operation)).toEqual([
    'turnOnTotp',
    'turnOffTotp',
  ]);
  expect((await mailsTo(server, email))[1]).toBe('Sign-in does not ask you for a code any more');
});

it('keeps the secret sealed and recovery codes as hashes with a key from outside', async () => {
  const { personId, recoveryCodes } = await withCodes();
  const { sealed } = await server.db
    .selectFrom('totp_secrets')
    .select('secret_sealed as sealed')
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
  expect(server.installation.open('totp', sealed)).toMatch(/^[A-Z2-7]{32}$/);
  const kept = await server.db
    .selectFrom('recovery_codes')
    .select('code_hash as hash')
    .where('person_id', '=', personId)
    .execute();
  expect(kept.map(({ hash }) => hash.length)).toEqual(Array.from({ length: 10 }, () => 32));
  const { rows } = await server.db
    .selectFrom('events')
    .select(({ fn }) => fn.jsonAgg('events').as('rows'))
    .executeTakeFirstOrThrow();
  const told = JSON.stringify(rows);
  expect(recoveryCodes.filter((each) => told.includes(each))).toEqual([]);
});

it.each(['/auth/totp/start', '/auth/totp/confirm', '/auth/totp/recovery-codes', '/auth/totp/turn-off'])(
  'is nothing for somebody without a session, nor for another site: %s',
  async (path) => {
    const body = { password, code: '000000' };
    expect(await refusedWith(createBrowser(server.address).post(path, body))).toBe('sign-in-required');
    const { browser } = await signedInPerson(server);
    const other = browser.request('POST', path, body, { 'sec-fetch-site': 'cross-site' });
    expect(await refusedWith(other)).toBe('cross-origin');
  },
);

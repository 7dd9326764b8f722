import { randomUUIDv7 } from 'node:crypto';
import { getMe, getMySecurity, removePasskey, renamePasskey } from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createBrowser,
  createTestAuthenticator,
  refusal,
  startTestServer,
  type TestAuthenticator,
  type TestBrowser,
  type TestServer,
} from '../testing/index.ts';
import {
  eventsAbout,
  mailsTo,
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

const optionsOf = async (browser: TestBrowser, path: string) =>
  (await (await browser.post(path, {})).json()) as { challenge: string };

const refusedWith = async (answer: Promise<Response>): Promise<string> =>
  ((await (await answer).json()) as { code: string }).code;

async function add(
  { browser, personId }: SignedInPerson,
  name: string,
): Promise<{ passkeyId: string; authenticator: TestAuthenticator }> {
  const authenticator = createTestAuthenticator(server.installation.publicUrl, personId);
  const options = await optionsOf(browser, '/auth/passkeys/options');
  const answer = await browser.post('/auth/passkeys', { name, passkey: authenticator.make(options) });
  const body = (await answer.json()) as { passkey: { passkeyId: string } };
  expect([answer.status, body]).toEqual([201, { passkey: expect.objectContaining({ name }) }]);
  return { passkeyId: body.passkey.passkeyId, authenticator };
}

/** Signs in with a passkey, in a browser of its own. */
async function enter(authenticator: TestAuthenticator, more?: Parameters<TestAuthenticator['sign']>[1]) {
  const browser = createBrowser(server.address);
  const options = await optionsOf(browser, '/auth/sign-in/passkey-options');
  const passkey = authenticator.sign(options, more);
  const answer = await browser.post('/auth/sign-in/passkey', { passkey });
  return { browser, answer, passkey };
}

it('is added with a name, signs in without password and code, is renamed and removed', async () => {
  const who = await signedInPerson(server);
  await turnOnCodes(server, who);
  const { authenticator, passkeyId } = await add(who, 'Laptop');
  const { browser, answer } = await enter(authenticator);
  expect([answer.status, await answer.json()]).toEqual([200, { state: 'signed-in' }]);
  expect((await browser.client.call(getMe, {})).email).toBe(who.email);
  const params = { passkeyId };
  await browser.client.call(renamePasskey, { params, body: { name: 'Old laptop' } });
  expect((await browser.client.call(getMySecurity, {})).passkeys).toEqual([
    {
      passkeyId,
      name: 'Old laptop',
      createdAt: server.clock.now().toString(),
      lastUsedAt: server.clock.now().toString(),
    },
  ]);
  await browser.client.call(removePasskey, { params });
  expect((await browser.client.call(getMySecurity, {})).passkeys).toEqual([]);
  expect(await refusedWith(Promise.resolve((await enter(authenticator)).answer))).toBe('passkey-refused');
  expect((await eventsAbout(server, who.personId)).slice(1)).toEqual([
    ['addPasskey', 'added the passkey Laptop'],
    ['renamePasskey', 'renamed their passkey Laptop to Old laptop'],
    ['removePasskey', 'removed their passkey Old laptop'],
  ]);
  expect((await mailsTo(server, who.email)).slice(1)).toEqual([
    'The passkey Laptop was added',
    'The passkey Old laptop was removed',
  ]);
});

it('takes each signature once, for its own sign-in, from the console’s own pages, with the person recognized', async () => {
  const who = await signedInPerson(server);
  const { authenticator } = await add(who, 'Key');
  const { passkey } = await enter(authenticator);
  const again = createBrowser(server.address).post('/auth/sign-in/passkey', { passkey });
  expect(await refusedWith(again)).toBe('passkey-refused');
  for (const more of [{ verified: false }, { origin: 'https://evil.example' }]) {
    const { answer, browser } = await enter(authenticator, more);
    expect(await refusedWith(Promise.resolve(answer)), JSON.stringify(more)).toBe('passkey-refused');
    expect(browser.cookies()).toBe('');
  }
  // What was asked for another purpose, too long ago, or by nobody.
  const asked = [
    await optionsOf(who.browser, '/auth/step-up/passkey-options'),
    { challenge: Buffer.alloc(32).toString('base64url') },
  ];
  const late = await optionsOf(createBrowser(server.address), '/auth/sign-in/passkey-options');
  server.clock.advance({ minutes: 5 });
  for (const options of [...asked, late]) {
    const answer = createBrowser(server.address).post('/auth/sign-in/passkey', {
      passkey: authenticator.sign(options),
    });
    expect(await refusedWith(answer)).toBe('passkey-refused');
  }
});

it('takes the signature of one passkey for no other', async () => {
  const mine = await signedInPerson(server);
  const theirs = await signedInPerson(server);
  const own = await add(mine, 'Mine');
  const other = await add(theirs, 'Theirs');
  const browser = createBrowser(server.address);
  const options = await optionsOf(browser, '/auth/sign-in/passkey-options');
  const signed = own.authenticator.sign(options) as { id: string };
  const { id } = other.authenticator.sign(options) as { id: string };
  const forged = browser.post('/auth/sign-in/passkey', { passkey: { ...signed, id, rawId: id } });
  expect(await refusedWith(forged)).toBe('passkey-refused');
  const step = await optionsOf(mine.browser, '/auth/step-up/passkey-options');
  const proof = mine.browser.post('/auth/step-up', { passkey: other.authenticator.sign(step) });
  expect(await refusedWith(proof)).toBe('passkey-refused');
  for (const work of [
    () =>
      mine.browser.client.call(renamePasskey, {
        params: { passkeyId: other.passkeyId },
        body: { name: 'X' },
      }),
    () => mine.browser.client.call(removePasskey, { params: { passkeyId: other.passkeyId } }),
  ]) {
    expect((await refusal(work())).code).toBe('not-found');
  }
});

it('is added only by somebody who proved lately who they are, and so is the last one removed', async () => {
  const who = await signedInPerson(server);
  const first = await add(who, 'First');
  const second = await add(who, 'Second');
  server.clock.advance({ minutes: 16 });
  const remove = (passkeyId: string) => who.browser.client.call(removePasskey, { params: { passkeyId } });
  expect(await refusedWith(who.browser.post('/auth/passkeys/options', {}))).toBe('step-up-required');
  expect(await refusedWith(who.browser.post('/auth/passkeys', { name: 'X', passkey: {} }))).toBe(
    'step-up-required',
  );
  await remove(first.passkeyId);
  expect((await refusal(remove(second.passkeyId))).code).toBe('step-up-required');
  const options = await optionsOf(who.browser, '/auth/step-up/passkey-options');
  const passkey = second.authenticator.sign(options);
  expect((await who.browser.post('/auth/step-up', { passkey })).status).toBe(200);
  expect(await refusedWith(who.browser.post('/auth/step-up', { passkey }))).toBe('passkey-refused');
  await remove(second.passkeyId);
});

it('is added once, by whom it was asked for, with a name', async () => {
  const who = await signedInPerson(server);
  const other = await signedInPerson(server);
  const authenticator = createTestAuthenticator(server.installation.publicUrl, who.personId);
  const passkey = authenticator.make(await optionsOf(who.browser, '/auth/passkeys/options'));
  const send = (browser: TestBrowser, body: unknown) => refusedWith(browser.post('/auth/passkeys', body));
  expect(await send(other.browser, { name: 'X', passkey })).toBe('passkey-refused');
  for (const name of [undefined, '', '  ', 'x'.repeat(61), 'a\nb']) {
    expect(await send(who.browser, { name, passkey }), JSON.stringify(name)).toBe('invalid-request');
  }
  for (const broken of [undefined, 'x', {}, { ...(passkey as object), response: { clientDataJSON: 'x' } }]) {
    expect(await send(who.browser, { name: 'X', passkey: broken })).toBe('passkey-refused');
  }
  expect((await who.browser.post('/auth/passkeys', { name: 'X', passkey })).status).toBe(201);
  expect(await send(who.browser, { name: 'X', passkey })).toBe('passkey-refused');
  const twice = authenticator.make(await optionsOf(who.browser, '/auth/passkeys/options'));
  expect(await send(who.browser, { name: 'Y', passkey: twice })).toBe('passkey-refused');
});

it('tells nobody who has one, and has nothing for an API key', async () => {
  const options = await optionsOf(createBrowser(server.address), '/auth/sign-in/passkey-options');
  expect(options).toMatchObject({ rpId: 'estover.test', userVerification: 'required', allowCredentials: [] });
  const params = { passkeyId: randomUUIDv7() };
  for (const work of [
    () => server.operator.call(renamePasskey, { params, body: { name: 'X' } }),
    () => server.operator.call(removePasskey, { params }),
  ]) {
    expect((await refusal(work())).code).toBe('person-required');
  }
  for (const path of ['/auth/passkeys', '/auth/passkeys/options', '/auth/step-up/passkey-options']) {
    const answer = createBrowser(server.address).post(path, { password });
    expect(await refusedWith(answer), path).toBe('sign-in-required');
  }
});

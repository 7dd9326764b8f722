import {
  addToGroup,
  type Client,
  createApiKey,
  createClient,
  createGroup,
  createToken,
  deleteGroup,
  endStaff,
  getMe,
  grantRole,
  listAccounts,
  listPeople,
  removeFromGroup,
  revokeApiKey,
  revokeGrant,
  revokeToken,
  rotateApiKey,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeStaff, signInAs } from '../support/testing/staff.ts';
import {
  codeOf,
  refusal,
  type SecondServer,
  type SeededAccount,
  startSecondServer,
  startTestServer,
  type TestServer,
  testDevice,
} from '../testing/index.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';
import { password } from './testing/signed-in-person.ts';

/** What one server takes away is gone at the very next request to another one, which knows what is stored and no more. */

let server: TestServer;
let second: SecondServer;
let account: SeededAccount;
let params: { accountId: string };
beforeAll(async () => {
  server = await startTestServer();
  second = await startSecondServer(server);
  account = await server.account();
  params = { accountId: account.accountId };
});
afterAll(async () => {
  await second.close();
  await server.close();
});
// Tries are counted by time, and all tests come from one address.
beforeEach(() => server.clock.advance({ minutes: 5 }));

const there = (apiKey: string): Client => createClient({ baseUrl: second.address, apiKey });
const whole = { kind: 'account' } as const;
const makeKey = () =>
  account.administrator.call(createApiKey, { params, body: { name: 'Sync', role: 'viewer', scope: whole } });
const answerTo = async (client: Client): Promise<string> =>
  client.call(listPeople, { params }).then(
    () => 'let in',
    async (error) => (await refusal(Promise.reject(error))).code,
  );

async function tokenFrom(address: string, clientId: string, secret: string): Promise<string | undefined> {
  const response = await fetch(`${address}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
    }).toString(),
  });
  return ((await response.json()) as { access_token?: string }).access_token;
}

/** Somebody with a session at the second server. */
async function personThere(): Promise<{ personId: string; email: string; client: Client }> {
  const who = await makePersonWithPassword(server, password);
  return { ...who, client: (await signInAs(second.address, who.email)).client };
}

it('an API key, and the access tokens that were given for it by either server', async () => {
  const { apiKey, secret } = await makeKey();
  const tokens = [
    await tokenFrom(server.address, apiKey.apiKeyId, secret),
    await tokenFrom(second.address, apiKey.apiKeyId, secret),
  ];
  const clients = [secret, ...tokens].map((each) => there(each as string));
  expect(await Promise.all(clients.map(answerTo))).toEqual(['let in', 'let in', 'let in']);
  await account.administrator.call(revokeApiKey, { params: { ...params, apiKeyId: apiKey.apiKeyId } });
  expect(await Promise.all(clients.map(answerTo))).toEqual(Array(3).fill('sign-in-failed'));
  expect(await tokenFrom(second.address, apiKey.apiKeyId, secret)).toBeUndefined();
});

it('the secret before a rotation without overlap, and its access token', async () => {
  const { apiKey, secret } = await makeKey();
  const token = await tokenFrom(second.address, apiKey.apiKeyId, secret);
  const before = [there(secret), there(token as string)];
  expect(await Promise.all(before.map(answerTo))).toEqual(['let in', 'let in']);
  const rotated = await account.administrator.call(rotateApiKey, {
    params: { ...params, apiKeyId: apiKey.apiKeyId },
    body: { overlapHours: 0 },
  });
  expect(await Promise.all(before.map(answerTo))).toEqual(['sign-in-failed', 'sign-in-failed']);
  expect(await answerTo(there(rotated.secret))).toBe('let in');
});

it('a role in an account', async () => {
  const { email, client } = await personThere();
  expect(await answerTo(client)).toBe('not-found');
  const { grant } = await account.administrator.call(grantRole, {
    params,
    body: { email, role: 'viewer', scope: whole },
  });
  expect(await answerTo(client)).toBe('let in');
  await account.administrator.call(revokeGrant, { params: { ...params, grantId: grant.grantId } });
  expect(await answerTo(client)).toBe('not-found');
  expect((await client.call(getMe, {})).accounts).toEqual([]);
});

it('what a group gives: to who is taken out of it, and to all when it is deleted', async () => {
  const { email, personId, client } = await personThere();
  const { group } = await account.administrator.call(createGroup, {
    params,
    body: { name: 'Night shift', role: 'viewer', scope: whole },
  });
  const { groupId } = group;
  const add = () =>
    account.administrator.call(addToGroup, { params: { ...params, groupId }, body: { people: [{ email }] } });
  await add();
  expect(await answerTo(client)).toBe('let in');
  await account.administrator.call(removeFromGroup, { params: { ...params, groupId, personId } });
  expect(await answerTo(client)).toBe('not-found');
  await add();
  expect(await answerTo(client)).toBe('let in');
  await account.administrator.call(deleteGroup, { params: { ...params, groupId } });
  expect(await answerTo(client)).toBe('not-found');
});

it('a role on the platform', async () => {
  await makeStaff(server, 'operator', 'Ida Holm');
  const { personId, browser } = await makeStaff(server, 'operator', 'Ola Berg', { address: second.address });
  expect((await browser.client.call(listAccounts, {})).items).toHaveLength(1);
  await server.operator.call(endStaff, { params: { personId } });
  expect(await refusal(browser.client.call(listAccounts, {}))).toMatchObject({ code: 'not-allowed' });
});

it('a registration token', async () => {
  const { token, secret } = await account.administrator.call(createToken, {
    params: { ...params, virtualAccountId: account.defaultVirtualAccountId },
    body: {},
  });
  const registerThere = async () => (await testDevice(server, { address: second.address })).register(secret);
  expect((await registerThere()).ok).toBe(true);
  await account.administrator.call(revokeToken, { params: { ...params, tokenId: token.tokenId } });
  expect(codeOf(await registerThere())).toBe('token-revoked');
});

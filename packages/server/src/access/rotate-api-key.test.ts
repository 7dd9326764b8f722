import { randomUUIDv7 } from 'node:crypto';
import {
  addToGroup,
  createApiKey,
  createGroup,
  getMe,
  grantRole,
  listApiKeys,
  listEvents,
  listPeople,
  removeFromGroup,
  revokeApiKey,
  revokeGrant,
  rotateApiKey,
} from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createBrowser,
  refusal,
  type SeededAccount,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { makePersonWithPassword } from './testing/person-with-password.ts';
import { enterPassword, password } from './testing/signed-in-person.ts';

let server: TestServer;
let account: SeededAccount;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  account = await server.account(`Northwind ${randomUUIDv7()}`);
});

const make = (administrator = account.administrator, expiresInDays?: number) =>
  administrator.call(createApiKey, {
    params: { accountId: account.accountId },
    body: {
      name: 'Sync',
      role: 'account-user',
      scope: { kind: 'account' },
      ...(expiresInDays === undefined ? {} : { expiresInDays }),
    },
  });
const rotate = (apiKeyId: string, overlapHours?: number, by = account.administrator) =>
  by.call(rotateApiKey, {
    params: { accountId: account.accountId, apiKeyId },
    body: overlapHours === undefined ? {} : { overlapHours },
  });
const works = async (secret: string): Promise<boolean> => {
  try {
    return (await server.client(secret).call(getMe, {})).name === 'Sync';
  } catch {
    return false;
  }
};

it('gives a key a new secret, and lets the one before work for the hours of the overlap', async () => {
  const { apiKey, secret: first } = await make();
  expect(await works(first)).toBe(true);
  const rotated = await rotate(apiKey.apiKeyId);
  expect(rotated.secret).not.toBe(first);
  expect(rotated.apiKey).toMatchObject({
    apiKeyId: apiKey.apiKeyId,
    previousSecret: { until: server.clock.now().add({ hours: 24 }).toString() },
  });
  expect([await works(first), await works(rotated.secret)]).toEqual([true, true]);
  // Who still uses the old one shows in the list.
  server.clock.advance({ hours: 2 });
  expect(await works(first)).toBe(true);
  const { items } = await account.administrator.call(listApiKeys, {
    params: { accountId: account.accountId },
  });
  const listed = items.find(({ apiKeyId }) => apiKeyId === apiKey.apiKeyId);
  expect(listed?.previousSecret?.lastUsedAt).toBe(server.clock.now().toString());
  server.clock.advance({ hours: 22 });
  expect([await works(first), await works(rotated.secret)]).toEqual([false, true]);
  const { items: after } = await account.administrator.call(listApiKeys, {
    params: { accountId: account.accountId },
  });
  expect(after.find(({ apiKeyId }) => apiKeyId === apiKey.apiKeyId)?.previousSecret).toBeNull();
});

it('ends the secret before at once where there is no overlap, and the one before that with the next rotation', async () => {
  const { apiKey, secret: first } = await make();
  const { secret: second } = await rotate(apiKey.apiKeyId, 0);
  expect([await works(first), await works(second)]).toEqual([false, true]);
  const { secret: third } = await rotate(apiKey.apiKeyId, 10);
  const { secret: fourth } = await rotate(apiKey.apiKeyId, 10);
  expect([await works(second), await works(third), await works(fourth)]).toEqual([false, true, true]);
  const { items } = await account.administrator.call(listEvents, {
    params: { accountId: account.accountId },
    query: { operation: 'rotateApiKey' },
  });
  expect(items.map(({ message }) => message).at(-1)).toBe(
    'gave the API key Sync a new secret; the one before ended',
  );
});

it('revokes both secrets, and rotates no key that has ended', async () => {
  const { apiKey, secret } = await make();
  const { secret: second } = await rotate(apiKey.apiKeyId);
  const params = { accountId: account.accountId, apiKeyId: apiKey.apiKeyId };
  const revoked = await account.administrator.call(revokeApiKey, { params });
  expect(revoked.apiKey.previousSecret).toBeNull();
  expect([await works(secret), await works(second)]).toEqual([false, false]);
  expect((await refusal(rotate(apiKey.apiKeyId))).code).toBe('api-key-ended');
  const short = await make(account.administrator, 1);
  server.clock.advance({ hours: 24 });
  expect((await refusal(rotate(short.apiKey.apiKeyId))).code).toBe('api-key-ended');
});

it('is for those alone who could make such a key', async () => {
  const { apiKey } = await make();
  const ids = await server.virtualAccounts(account, 'Lyon');
  const scope = {
    kind: 'virtual-accounts' as const,
    virtualAccounts: [{ virtualAccountId: ids['Lyon'] as string, nested: true }],
  };
  const some = server.client(await server.keyOf(account.accountId, 'virtual-account-administrator', scope));
  expect((await refusal(rotate(apiKey.apiKeyId, 1, some))).code).toBe('not-found');
  const elsewhere = await server.account(`Other ${randomUUIDv7()}`);
  expect((await refusal(rotate(apiKey.apiKeyId, 1, elsewhere.administrator))).code).toBe('not-found');
});

it('ends with the role of whoever knows a secret: the maker’s old one, while the rotated one lives on', async () => {
  const params = { accountId: account.accountId };
  const people = await Promise.all([1, 2, 3].map(() => makePersonWithPassword(server, password)));
  const browsers = await Promise.all(
    people.map(async ({ email }) => {
      await account.administrator.call(grantRole, {
        params,
        body: { email, role: 'account-administrator', scope: { kind: 'account' } },
      });
      const browser = createBrowser(server.address);
      expect((await browser.post('/auth/sign-in/email', { email, password })).status).toBe(200);
      return browser;
    }),
  );
  const [maker, rotator] = browsers;
  const { apiKey, secret: first } = await make(maker?.client);
  const { secret: second } = await rotate(apiKey.apiKeyId, 100, rotator?.client);
  const { items } = await account.administrator.call(listPeople, { params });
  const grantOf = (email: string | undefined) =>
    items.find((person) => person.email === email)?.grants[0]?.grantId as string;
  await account.administrator.call(revokeGrant, {
    params: { ...params, grantId: grantOf(people[0]?.email) },
  });
  expect([await works(first), await works(second)]).toEqual([false, true]);
  await account.administrator.call(revokeGrant, {
    params: { ...params, grantId: grantOf(people[1]?.email) },
  });
  expect(await works(second)).toBe(false);
});

it('leaves both secrets to somebody who loses what the key does not come from', async () => {
  const params = { accountId: account.accountId };
  const { email, personId } = await makePersonWithPassword(server, password);
  const scope = { kind: 'account' } as const;
  await account.administrator.call(grantRole, {
    params,
    body: { email, role: 'account-administrator', scope },
  });
  const { group } = await account.administrator.call(createGroup, {
    params,
    body: { name: 'Readers', role: 'viewer', scope },
  });
  const { groupId } = group;
  await account.administrator.call(addToGroup, {
    params: { ...params, groupId },
    body: { people: [{ email }] },
  });
  const { client } = await enterPassword(server, email);
  const { apiKey, secret: first } = await make(client);
  const { secret: second } = await rotate(apiKey.apiKeyId, 100, client);
  await account.administrator.call(removeFromGroup, { params: { ...params, groupId, personId } });
  expect([await works(first), await works(second)]).toEqual([true, true]);
});

it('ends what was made with the secret of before, when whoever knows that one loses the role', async () => {
  const params = { accountId: account.accountId };
  const administers = async () => {
    const { email } = await makePersonWithPassword(server, 'correct horse battery');
    const body = { email, role: 'account-administrator', scope: { kind: 'account' } } as const;
    return { email, ...(await account.administrator.call(grantRole, { params, body })) };
  };
  await administers();
  const { email, grant } = await administers();
  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email, password: 'correct horse battery' });
  const body = { name: 'Sync', role: 'account-administrator', scope: { kind: 'account' } } as const;
  const { apiKey, secret: before } = await browser.client.call(createApiKey, { params, body });
  await rotate(apiKey.apiKeyId, 100);
  const answer = await fetch(`${server.address}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: apiKey.apiKeyId,
      client_secret: before,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const made: string[] = [];
  for (const known of [before, token]) {
    const { secret } = await server.client(known).call(createApiKey, { params, body });
    made.push(secret);
  }
  await account.administrator.call(revokeGrant, { params: { ...params, grantId: grant.grantId } });
  expect(await Promise.all([before, ...made].map(works))).toEqual([false, false, false]);
});

it('is made and rotated by nobody who is not signed in, and for nobody but who asks, whatever the body says', async () => {
  const { accountId, administrator } = account;
  const path = `/api/v1/accounts/${accountId}/api-keys`;
  const ana = await makePersonWithPassword(server, password);
  const bo = await makePersonWithPassword(server, password);
  for (const { email } of [ana, bo]) {
    await administrator.call(grantRole, {
      params: { accountId },
      body: { email, role: 'account-administrator', scope: { kind: 'account' } },
    });
  }
  const browser = await enterPassword(server, ana.email);
  const body = { name: 'Sync', role: 'viewer', scope: { kind: 'account' } };
  const made = (await (await browser.post(path, body)).json()) as { apiKey: { apiKeyId: string } };
  const rotation = `${path}/${made.apiKey.apiKeyId}/rotate`;
  const keys = () =>
    server.db
      .selectFrom('api_keys')
      .select(['api_key_id', 'made_by_person', 'secret_hash', 'previous_secret_hash'])
      .where('account_id', '=', accountId)
      .orderBy('api_key_id')
      .execute();
  const before = await keys();
  const foreign = [
    'personId',
    'userId',
    'madeByPerson',
    'made_by_person',
    'createdBy',
    'accountId',
    'ownerId',
  ];
  for (const [where, given] of [
    [path, body],
    [rotation, { overlapHours: 1 }],
  ] as const) {
    for (const name of foreign) {
      const answer = await browser.post(where, { ...given, [name]: bo.personId });
      expect([where, name, answer.status]).toEqual([where, name, 422]);
      expect(await answer.json()).toMatchObject({ code: 'invalid-request' });
    }
    const nobody = await createBrowser(server.address).post(where, given);
    expect([nobody.status, await nobody.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'sign-in-required' }),
    ]);
  }
  expect(await keys()).toEqual(before);
  expect(before.map(({ made_by_person }) => made_by_person)).toContain(ana.personId);
});

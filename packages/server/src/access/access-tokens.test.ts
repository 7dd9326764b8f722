import { createHmac, randomUUIDv7 } from 'node:crypto';
import { createApiKey, getMe, listApiKeys, listPeople, revokeApiKey, rotateApiKey } from '@estover/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { refusal, type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  account = await server.account(`Northwind ${randomUUIDv7()}`);
  // Tries are counted by time, and all tests come from one address.
  server.clock.advance({ minutes: 5 });
});

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const post = async (
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const response = await fetch(`${server.address}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
};
const grant = { grant_type: 'client_credentials' };
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});
const make = (expiresInDays?: number) =>
  account.administrator.call(createApiKey, {
    params: { accountId: account.accountId },
    body: {
      name: 'Sync',
      role: 'viewer',
      scope: { kind: 'account' },
      ...(expiresInDays === undefined ? {} : { expiresInDays }),
    },
  });
const tokenOf = async (clientId: string, secret: string): Promise<string> =>
  (await post({ ...grant, client_id: clientId, client_secret: secret })).body['access_token'] as string;
const nameOf = async (token: string): Promise<string> => {
  try {
    return (await server.client(token).call(getMe, {})).name;
  } catch {
    return 'refused';
  }
};

it('gives a token for credentials in the header or in the form, and it opens what the client opens', async () => {
  const { apiKey, secret } = await make();
  const byHeader = await post(grant, basic(apiKey.apiKeyId, secret));
  const byForm = await post({ ...grant, client_id: apiKey.apiKeyId, client_secret: secret });
  for (const { status, headers, body } of [byHeader, byForm]) {
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    expect(body).toEqual({
      access_token: expect.stringMatching(/^esat_[0-9A-Za-z]{55}$/),
      token_type: 'Bearer',
      expires_in: 900,
    });
    const client = server.client(body['access_token'] as string);
    expect(await client.call(getMe, {})).toMatchObject({
      kind: 'api-key',
      id: apiKey.apiKeyId,
      accounts: [{ accountId: account.accountId, roles: [{ role: 'viewer', scope: { kind: 'account' } }] }],
    });
    const params = { accountId: account.accountId };
    expect((await client.call(listPeople, { params })).items).toHaveLength(1);
    expect(await refusal(client.call(listApiKeys, { params }))).toMatchObject({ code: 'not-allowed' });
  }
  // The clock of tokens counts whole seconds, and the last one is no more.
  const token = byForm.body['access_token'] as string;
  server.clock.advance({ seconds: 899 });
  expect(await nameOf(token)).toBe('Sync');
  server.clock.advance({ seconds: 1 });
  expect(await refusal(server.client(token).call(getMe, {}))).toMatchObject({
    code: 'sign-in-failed',
    detail: 'The access token has ended. Get another one at /oauth/token.',
  });
});

it('says when and from where a client was used last, at the endpoint and with a token', async () => {
  const { apiKey, secret } = await make();
  const params = { accountId: account.accountId };
  const lastUse = async () => {
    const { items } = await account.administrator.call(listApiKeys, { params });
    const { lastUsedAt, lastUsedFrom } = items.find(({ apiKeyId }) => apiKeyId === apiKey.apiKeyId) ?? {};
    return { lastUsedAt, lastUsedFrom };
  };
  expect(await lastUse()).toEqual({ lastUsedAt: null, lastUsedFrom: null });
  const token = await tokenOf(apiKey.apiKeyId, secret);
  expect(await lastUse()).toEqual({
    lastUsedAt: server.clock.now().toString(),
    lastUsedFrom: '127.0.0.1',
  });
  server.clock.advance({ minutes: 2 });
  await nameOf(token);
  expect((await lastUse()).lastUsedAt).toBe(server.clock.now().toString());
});

it('ends tokens at once with the client, and with the secret they were given for', async () => {
  const { apiKey, secret } = await make();
  const params = { accountId: account.accountId, apiKeyId: apiKey.apiKeyId };
  const first = await tokenOf(apiKey.apiKeyId, secret);
  const rotated = await account.administrator.call(rotateApiKey, { params, body: { overlapHours: 1 } });
  const second = await tokenOf(apiKey.apiKeyId, rotated.secret);
  expect([await nameOf(first), await nameOf(second)]).toEqual(['Sync', 'Sync']);
  server.clock.advance({ minutes: 50 });
  const late = await post({ ...grant, client_id: apiKey.apiKeyId, client_secret: secret });
  // The overlap ends in ten minutes, and so does the token.
  expect(late.body['expires_in']).toBe(600);
  const lateToken = late.body['access_token'] as string;
  const third = await tokenOf(apiKey.apiKeyId, rotated.secret);
  server.clock.advance({ minutes: 10 });
  expect([await nameOf(lateToken), await nameOf(third)]).toEqual(['refused', 'Sync']);
  expect((await post({ ...grant, client_id: apiKey.apiKeyId, client_secret: secret })).status).toBe(401);
  await account.administrator.call(rotateApiKey, { params, body: { overlapHours: 0 } });
  expect(await nameOf(third)).toBe('refused');

  const other = await make();
  const token = await tokenOf(other.apiKey.apiKeyId, other.secret);
  expect(await nameOf(token)).toBe('Sync');
  await account.administrator.call(revokeApiKey, {
    params: { accountId: account.accountId, apiKeyId: other.apiKey.apiKeyId },
  });
  expect(await nameOf(token)).toBe('refused');
  expect(await tokenOf(other.apiKey.apiKeyId, other.secret)).toBeUndefined();

  const short = await make(1);
  server.clock.advance({ hours: 23, minutes: 55 });
  const end = await post({ ...grant, client_id: short.apiKey.apiKeyId, client_secret: short.secret });
  expect(end.body['expires_in']).toBe(300);
});

it('refuses tokens that were changed, or made for another client', async () => {
  const one = await make();
  const token = await tokenOf(one.apiKey.apiKeyId, one.secret);
  const mistyped = `${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`;
  expect(await refusal(server.client(mistyped).call(getMe, {}))).toMatchObject({ code: 'sign-in-failed' });
  const { formatSecret, parseSecret } = await import('@estover/protocol/secrets');
  const read = parseSecret(token, 'esat_');
  if (!read.ok) throw new Error(read.detail);
  expect(read.accountId).toBe(one.apiKey.apiKeyId);
  const later = Buffer.from(read.random);
  later.writeUInt32BE(later.readUInt32BE() + 3600);
  const other = await make();
  for (const forged of [
    formatSecret('esat_', one.apiKey.apiKeyId, later),
    formatSecret('esat_', other.apiKey.apiKeyId, read.random),
    formatSecret('esat_', randomUUIDv7(), read.random),
  ]) {
    expect(await refusal(server.client(forged).call(getMe, {}))).toMatchObject({
      code: 'sign-in-failed',
      detail: 'The API key is unknown, revoked or expired.',
    });
  }
  // A token is no client's secret.
  expect((await post({ ...grant, client_id: one.apiKey.apiKeyId, client_secret: token })).status).toBe(401);
});

it('takes no token with any byte of it changed, and none that calls itself signed', async () => {
  const { apiKey, secret } = await make();
  const token = await tokenOf(apiKey.apiKeyId, secret);
  const { formatSecret, parseSecret } = await import('@estover/protocol/secrets');
  const read = parseSecret(token, 'esat_');
  if (!read.ok) throw new Error(read.detail);
  const changed = Array.from(read.random, (byte, at) => {
    const other = Buffer.from(read.random);
    // Upwards, so that a changed end is none of the past.
    other[at] = at === 0 ? byte | 0x80 : byte ^ 1;
    return formatSecret('esat_', apiKey.apiKeyId, other);
  });
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = part({ sub: apiKey.apiKeyId, client_id: apiKey.apiKeyId, exp: 4_000_000_000 });
  const jwts = ['none', 'HS256'].flatMap((alg) => {
    const head = part({ alg, typ: 'at+jwt', kid: apiKey.apiKeyId, jku: 'https://evil.example/keys' });
    const mac = createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url');
    return [`${head}.${claims}.`, `${head}.${claims}.${mac}`];
  });
  for (const forged of [...changed, ...jwts]) {
    expect(await refusal(server.client(forged).call(getMe, {})), forged).toMatchObject({
      code: 'sign-in-failed',
    });
  }
  expect(await nameOf(token)).toBe('Sync');
});

it('tells an unknown client and a wrong secret alike', async () => {
  const { apiKey, secret } = await make();
  const other = await make();
  const wrong = await post({ ...grant, client_id: apiKey.apiKeyId, client_secret: other.secret });
  const unknown = await post({ ...grant, client_id: randomUUIDv7(), client_secret: secret });
  const noId = await post(grant, basic('nobody', 'x'));
  for (const { status, headers, body } of [wrong, unknown, noId]) {
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Basic realm="estover"');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      error: 'invalid_client',
      error_description: 'The client is unknown, or its secret is wrong or has ended.',
    });
  }
});

it('answers what is wrong with a request in the words of RFC 6749', async () => {
  const { apiKey, secret } = await make();
  const id = apiKey.apiKeyId;
  const inForm = { client_id: id, client_secret: secret };
  const cases: [Answer, number, string][] = [
    [await post(inForm), 400, 'invalid_request'],
    [await post({ ...inForm, grant_type: 'password' }), 400, 'unsupported_grant_type'],
    [await post({ ...inForm, ...grant, scope: 'everything' }), 400, 'invalid_scope'],
    [await post({ ...inForm, ...grant }, basic(id, secret)), 400, 'invalid_request'],
    [await post({ ...grant, client_id: randomUUIDv7() }, basic(id, secret)), 400, 'invalid_request'],
    [await post(`grant_type=client_credentials&grant_type=password`), 400, 'invalid_request'],
    [await post(grant), 401, 'invalid_client'],
    [await post(grant, { authorization: `Bearer ${secret}` }), 401, 'invalid_client'],
    [await post('x'.repeat(9000)), 413, 'invalid_request'],
    [await post('{}', { 'content-type': 'application/json' }), 415, 'invalid_request'],
  ];
  expect(cases.map(([{ status, body }]) => [status, body['error']])).toEqual(
    cases.map(([, status, error]) => [status, error]),
  );
  const empty = await post({ ...inForm, ...grant, scope: '' });
  const sameId = await post({ ...grant, client_id: id }, basic(id, secret));
  expect([empty.status, sameId.status]).toEqual([200, 200]);
});

it('bounds tries at one client, and says when the next may be made', async () => {
  const { apiKey, secret } = await make();
  const attempt = (client_secret: string) => post({ ...grant, client_id: apiKey.apiKeyId, client_secret });
  for (let tries = 0; tries < 20; tries++) expect((await attempt('wrong')).status).toBe(401);
  const refused = await attempt(secret);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('30');
  expect(refused.body['error']).toBe('temporarily_unavailable');
  server.clock.advance({ seconds: 30 });
  // What went well forgets the tries.
  for (let tries = 0; tries < 25; tries++) expect((await attempt(secret)).status).toBe(200);
});

it('describes itself to clients (RFC 8414)', async () => {
  const answer = await fetch(`${server.address}/.well-known/oauth-authorization-server`);
  expect(await answer.json()).toEqual({
    issuer: 'http://estover.test',
    token_endpoint: 'http://estover.test/oauth/token',
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
  });
});

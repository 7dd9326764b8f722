import { randomUUIDv7 } from 'node:crypto';
import { acceptInvitation, createAccount, getMe, getSetup, setUp } from '@estover/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createBrowser, startTestServer, type TestServer } from '../testing/index.ts';
import { createSetupLink, ensureOperatorKey, OperatorKeyError, purgeSignIn } from './index.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const refusal = (code: string) => ({ problem: expect.objectContaining({ code }) });
const link = () =>
  createSetupLink(server.db, {
    now: server.clock.now(),
    newId: () => randomUUIDv7(),
    publicUrl: 'https://licenses.example.com',
  });
const tokenOf = (url: string | null): string => url?.split('#')[1] ?? '';
const operator = { name: 'Kim Osei', email: 'Kim@Vendor.example', password: 'correct horse battery' };

it('makes the first operator, who can sign in; the link works once and set-up never again', async () => {
  const public_ = server.client();
  expect(await public_.call(getSetup, {})).toEqual({
    needed: true,
    version: '0.0.0-test',
    sendsMail: false,
  });
  const url = await link();
  expect(url).toMatch(/^https:\/\/licenses\.example\.com\/set-up#essu_/);
  const made = await public_.call(setUp, { body: { token: tokenOf(url), ...operator } });
  expect(made.email).toBe('kim@vendor.example');
  expect((await public_.call(getSetup, {})).needed).toBe(false);
  await expect(public_.call(setUp, { body: { token: tokenOf(url), ...operator } })).rejects.toMatchObject(
    refusal('setup-done'),
  );
  expect(await link()).toBeNull();

  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email: operator.email, password: operator.password });
  const me = await browser.client.call(getMe, {});
  expect(me).toMatchObject({ kind: 'person', platformRoles: ['operator'], accounts: [] });
  expect(me.platformActions).toContain('manage-accounts');
  const { account } = await browser.client.call(createAccount, {
    body: { name: 'F', domainIdentifier: 'f.example', administrator: { name: 'A', email: 'a@f.example' } },
  });
  expect(account.name).toBe('F');
});

it('a newer link ends the older one; a weak password leaves the link usable', async () => {
  const [older, newer] = [await link(), await link()];
  const call = (url: string | null, password = operator.password) =>
    server.client().call(setUp, { body: { token: tokenOf(url), ...operator, password } });
  await expect(call(older)).rejects.toMatchObject(refusal('link-invalid'));
  await expect(call('#essu_nonsense')).rejects.toMatchObject(refusal('link-invalid'));
  await expect(call(newer, 'password1234')).rejects.toMatchObject(refusal('password-weak'));
  await expect(call(newer)).resolves.toMatchObject({ email: 'kim@vendor.example' });
});

it('makes exactly one operator of many who use the link at once', async () => {
  const url = await link();
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      server.client().call(setUp, {
        body: { token: tokenOf(url), ...operator, email: `kim${index}@vendor.example` },
      }),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const grants = await server.db.selectFrom('platform_grants').selectAll().execute();
  expect(grants).toHaveLength(1);
  const people = await server.db.selectFrom('people').select('id').execute();
  expect(people).toHaveLength(1);
});

it('an invited administrator chooses a password once, within 14 days', async () => {
  const make = async (domain: string, email: string) => {
    const { invitationLink } = await server.operator.call(createAccount, {
      body: {
        name: domain,
        domainIdentifier: domain,
        administrator: { name: 'Ana', email },
        overrideReason: 'One person of two companies',
      },
    });
    return tokenOf(invitationLink);
  };
  const accept = (token: string, password = operator.password) =>
    server.client().call(acceptInvitation, { body: { token, name: 'Ana Ruiz', password } });
  const token = await make('one.example', 'ana@one.example');
  await expect(accept(token, 'too short')).rejects.toMatchObject(refusal('password-weak'));
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => accept(token)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(accept(token)).rejects.toMatchObject(refusal('link-invalid'));

  const browser = createBrowser(server.address);
  await browser.post('/auth/sign-in/email', { email: 'ana@one.example', password: operator.password });
  const me = await browser.client.call(getMe, {});
  expect(me).toMatchObject({ name: 'Ana Ruiz', accounts: [{ name: 'one.example' }] });
  expect(me.accounts[0]?.roles.map(({ role }) => role).sort()).toEqual(['account-administrator', 'approver']);

  expect(await make('two.example', 'ana@one.example')).toBe('');
  const late = await make('late.example', 'bo@late.example');
  server.clock.advance({ days: 14 });
  await expect(accept(late)).rejects.toMatchObject({
    ...refusal('invitation-expired'),
    problem: { status: 410, detail: expect.stringContaining('until 20') },
  });
  // A while later it is still known; what is no link never was.
  const afterwards = (days: number) => purgeSignIn(server.db, server.clock.now().add({ hours: 24 * days }));
  await afterwards(80);
  await expect(accept(late)).rejects.toMatchObject(refusal('invitation-expired'));
  await afterwards(91);
  await expect(accept(late)).rejects.toMatchObject(refusal('link-invalid'));
});

it('makes the configured key an operator’s at the first start only', async () => {
  await server.db.deleteFrom('api_keys').execute();
  const key = 'f4e1c2d3a4b5968778695a4b3c2d1e0f';
  const now = server.clock.now();
  const made = await Promise.all(Array.from({ length: 5 }, () => ensureOperatorKey(server.db, key, now)));
  expect(made.filter(Boolean)).toHaveLength(1);
  const me = await server.client(key).call(getMe, {});
  expect(me).toMatchObject({ kind: 'api-key', platformRoles: ['operator'] });
  await server.db.updateTable('api_keys').set({ revoked_at: now }).execute();
  expect(await ensureOperatorKey(server.db, key, now)).toBe(false);
  await expect(server.client(key).call(getMe, {})).rejects.toMatchObject(refusal('sign-in-failed'));
  for (const bad of [
    'short',
    'x'.repeat(31),
    `${'x'.repeat(40)} y`,
    `esak_${'x'.repeat(55)}`,
    `esrt_${'0'.repeat(55)}`,
  ]) {
    await expect(ensureOperatorKey(server.db, bad, now)).rejects.toThrow(OperatorKeyError);
  }
});

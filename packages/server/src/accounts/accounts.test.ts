import type { GrantScope } from '@estover/domain/access';
import {
  createAccount,
  createVirtualAccount,
  getAccount,
  getMe,
  grantRole,
  listAccounts,
  listVirtualAccounts,
  removePerson,
} from '@estover/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { administratorOf } from './testing/administrator.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const refusal = (code: string) => ({ problem: expect.objectContaining({ code }) });

it('names one creator for ever, a pseudonym once they were removed, and nobody to who sees no people', async () => {
  const made = await server.operator.call(createAccount, {
    body: {
      name: 'Founded',
      domainIdentifier: 'founded.example',
      administrator: { name: 'Fay First', email: 'fay@founded.example' },
    },
  });
  const params = { accountId: made.account.accountId };
  const administrator = server.client(await server.keyOf(params.accountId, 'account-administrator'));
  const creatorSeen = async (client = administrator) => (await client.call(getAccount, { params })).creator;
  const fay = await creatorSeen();
  expect(fay).toEqual({ personId: expect.any(String), name: 'Fay First' });
  const personId = fay?.personId ?? '';

  // Whoever becomes approver later created nothing.
  const scope = { kind: 'account' } as const;
  for (const role of ['account-administrator', 'approver'] as const) {
    await administrator.call(grantRole, { params, body: { email: 'bo@founded.example', role, scope } });
  }
  expect(await creatorSeen()).toEqual(fay);

  const inOne: GrantScope = {
    kind: 'virtual-accounts',
    virtualAccounts: [{ virtualAccountId: made.defaultVirtualAccountId, nested: false }],
  };
  const user = server.client(await server.keyOf(params.accountId, 'virtual-account-user', inOne));
  expect(await creatorSeen(user)).toBeNull();

  // Somebody has to stay.
  await administratorOf(server, [params.accountId]);
  await server.operator.call(removePerson, {
    params: { personId },
    body: { confirmation: 'fay@founded.example', reason: 'They asked' },
  });
  expect(await creatorSeen()).toEqual({ personId, name: expect.stringMatching(/^Removed person /) });
});

it('makes an account with a default virtual account, an administrator and one event', async () => {
  const made = await server.operator.call(createAccount, {
    body: {
      name: 'Fabrikam',
      domainIdentifier: ' Bücher.Example. ',
      administrator: { name: 'Mia Kern', email: 'Mia@bücher.example' },
    },
  });
  expect(made.account).toMatchObject({
    domainIdentifier: 'xn--bcher-kva.example',
    status: 'active',
    exportCategory: 'A',
  });
  expect(made.invitationLink).toMatch(/^http:\/\/estover\.test\/invitation#esin_/);
  const { accountId } = made.account;
  const key = await server.keyOf(accountId, 'account-administrator');
  const { items } = await server.client(key).call(listVirtualAccounts, { params: { accountId } });
  expect(items).toEqual([
    expect.objectContaining({
      virtualAccountId: made.defaultVirtualAccountId,
      path: ['Default'],
      isDefault: true,
      children: 0,
    }),
  ]);
  const me = await server.client(key).call(getMe, {});
  expect(me.accounts).toEqual([
    expect.objectContaining({
      accountId,
      roles: [{ role: 'account-administrator', scope: { kind: 'account' } }],
    }),
  ]);
  const events = await server.db
    .selectFrom('events')
    .selectAll()
    .where('account_id', '=', accountId)
    .execute();
  expect(events.map((event) => event.operation)).toEqual(['createAccount']);
  expect(JSON.stringify(events)).not.toContain('esin_');
});

it('refuses an identifier that another account has in another form', async () => {
  const body = {
    name: 'A',
    domainIdentifier: 'twice.example',
    administrator: { name: 'A', email: 'a@twice.example' },
  };
  await server.operator.call(createAccount, { body });
  await expect(
    server.operator.call(createAccount, { body: { ...body, domainIdentifier: 'TWICE.example.' } }),
  ).rejects.toMatchObject(refusal('domain-identifier-taken'));
  await expect(
    server.operator.call(createAccount, { body: { ...body, domainIdentifier: 'gmail.com' } }),
  ).rejects.toMatchObject(refusal('invalid-request'));
});

it('takes an administrator at the identifier or behind its prefix, or a reason why not, which the event keeps', async () => {
  const make = (domainIdentifier: string, email: string, overrideReason?: string) =>
    server.operator.call(createAccount, {
      body: {
        name: 'Made',
        domainIdentifier,
        administrator: { name: 'A', email },
        ...(overrideReason === undefined ? {} : { overrideReason }),
      },
    });
  for (const [email, code] of [
    ['a@other.example', 'approver-domain-differs'],
    ['a@gmail.com', 'public-mail-domain'],
  ] as const) {
    await expect(make('lab.made.example', email)).rejects.toMatchObject({
      problem: { code, status: 422, errors: [{ pointer: 'body/administrator/email' }] },
    });
  }
  expect((await make('lab.made.example', 'ana@made.example')).warnings).toEqual([]);
  expect((await make('team.example', 'licensing@team.example')).warnings).toEqual(['team-alias']);
  const { account } = await make('kept.example', 'a@gmail.com', 'Their mail is with us until May.');
  const { after, message } = await server.db
    .selectFrom('events')
    .select(['after', 'message'])
    .where('account_id', '=', account.accountId)
    .executeTakeFirstOrThrow();
  expect(message).toBe(
    'made the account Made (kept.example) with a@gmail.com as its administrator and approver: Their mail is with us until May.',
  );
  expect(after).toMatchObject({ overrideReason: 'Their mail is with us until May.' });
});

it('pages and searches accounts by name', async () => {
  for (const name of ['Page b', 'page A', 'Page c']) await server.account(name);
  const first = await server.operator.call(listAccounts, { query: { search: 'page ', limit: 2 } });
  expect(first.items.map(({ name }) => name)).toEqual(['page A', 'Page b']);
  const second = await server.operator.call(listAccounts, {
    query: { search: 'page ', limit: 2, cursor: first.nextCursor as string },
  });
  expect(second).toMatchObject({ items: [expect.objectContaining({ name: 'Page c' })], nextCursor: null });
  await expect(server.operator.call(listAccounts, { query: { cursor: 'x' } })).rejects.toMatchObject(
    refusal('cursor-invalid'),
  );
  const none = await server.operator.call(listAccounts, { query: { search: '%' } });
  expect(none.items).toEqual([]);
});

it('shows the platform that an account exists, and nothing inside', async () => {
  const { accountId } = await server.account('Outside');
  const { account } = await server.operator.call(getAccount, { params: { accountId } });
  expect(account.name).toBe('Outside');
  const { items } = await server.operator.call(listVirtualAccounts, { params: { accountId } });
  expect(items).toEqual([]);
});

it('nests virtual accounts to ten levels with unique names among siblings', async () => {
  const seeded = await server.account('Nested');
  const { accountId, administrator } = seeded;
  const names = Array.from({ length: 10 }, (_, index) => `Level ${index + 1}`);
  const ids = await server.virtualAccounts(seeded, names.join(' / '), 'eu', 'eu-west');
  const make = (name: string, parentId: string | null) =>
    administrator.call(createVirtualAccount, { params: { accountId }, body: { name, parentId } });
  await expect(make('Level 11', ids[names.join(' / ')] as string)).rejects.toMatchObject({
    problem: expect.objectContaining({ code: 'nested-too-deep', depth: 11 }),
  });
  await expect(make('EU', null)).rejects.toMatchObject(refusal('name-taken'));
  await expect(make('eu', '019ab000-0000-7000-8000-000000000000')).rejects.toMatchObject(
    refusal('unknown-virtual-account'),
  );
  const { virtualAccount } = await make('eu', ids['eu'] as string);
  expect(virtualAccount).toMatchObject({ path: ['eu', 'eu'], depth: 2 });
  const { items } = await administrator.call(listVirtualAccounts, {
    params: { accountId },
    query: { rollUp: true },
  });
  expect(items.map(({ path }) => path.join(' / '))).toEqual([
    'Default',
    'eu',
    'eu / eu',
    'eu-west',
    ...names.map((_, index) => names.slice(0, index + 1).join(' / ')),
  ]);
  expect(items[1]).toMatchObject({
    children: 1,
    own: { owned: 0, pools: 0 },
    nested: { owned: 0, pools: 0 },
  });
});

it('one of many racing siblings with a name is made', async () => {
  const { accountId, administrator } = await server.account('Racing');
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      administrator.call(createVirtualAccount, {
        params: { accountId },
        body: { name: index % 2 ? 'Lab' : 'LAB' },
      }),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject(refusal('name-taken'));
  }
});

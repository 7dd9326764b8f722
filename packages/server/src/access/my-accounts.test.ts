import { randomUUIDv7 } from 'node:crypto';
import { type Client, grantRole, listMyAccounts } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { type SignedInPerson, signedInPerson } from './testing/signed-in-person.ts';

let server: TestServer;
let person: SignedInPerson;
beforeAll(async () => {
  server = await startTestServer();
  person = await signedInPerson(server);
  // Accounts 0001 to 5000, in each of which the person is a viewer.
  await sql`
    with made as (
      insert into accounts (account_id, kind, name, domain_identifier, status, export_category, sequence_policy, created_at)
      select gen_random_uuid(), 'customer', 'Line ' || lpad(n::text, 4, '0'), 'line-' || n || '.example', 'active', 'A',
             'flag', ${server.clock.now()}
        from generate_series(1, 5000) n
      returning account_id)
    insert into grants (account_id, grant_id, person_id, role, scope_kind, granted_by, granted_at)
    select account_id, gen_random_uuid(), ${person.personId}, 'viewer', 'account', ${person.personId}, ${server.clock.now()}
      from made`.execute(server.db);
});
afterAll(() => server.close());

const list = async (client: Client, query: { search?: string; limit?: number; cursor?: string } = {}) => {
  const { items, nextCursor } = await client.call(listMyAccounts, { query });
  return { names: items.map(({ name }) => name), items, nextCursor };
};

it('lists the accounts of a person page by page, by name', async () => {
  const { client } = person.browser;
  const first = await list(client, { limit: 3 });
  expect(first.names).toEqual(['Line 0001', 'Line 0002', 'Line 0003']);
  const second = await list(client, { limit: 3, cursor: first.nextCursor as string });
  expect(second.names).toEqual(['Line 0004', 'Line 0005', 'Line 0006']);
  const { names, nextCursor } = await list(client, { search: 'LINE 49', limit: 100 });
  expect([names.length, names[0], names[99], nextCursor]).toEqual([100, 'Line 4900', 'Line 4999', null]);
});

it('finds accounts by parts of the name or of the domain identifier, which stand for themselves', async () => {
  const { client } = person.browser;
  expect((await list(client, { search: ' line-77.ex ' })).names).toEqual(['Line 0077']);
  expect((await list(client, { search: '0_77' })).names).toEqual([]);
  expect((await list(client, { search: '%' })).names).toEqual([]);
  await expect(list(client, { cursor: 'bm8' })).rejects.toMatchObject({
    problem: expect.objectContaining({ code: 'cursor-invalid' }),
  });
});

it('tells every role once, and no account whose roles have ended or that is of others', async () => {
  const own = await server.account('A first');
  const ended = await server.account('B second');
  await server.account('C of others');
  const give = (seeded: typeof own, role: 'viewer' | 'account-user', until?: string) =>
    seeded.administrator.call(grantRole, {
      params: { accountId: seeded.accountId },
      body: { email: person.email, role, scope: { kind: 'account' }, ...(until ? { until } : {}) },
    });
  await give(own, 'viewer');
  await give(own, 'account-user');
  await give(ended, 'viewer', server.clock.now().add({ hours: 1 }).toString());
  expect((await list(person.browser.client, { limit: 2 })).names).toEqual(['A first', 'B second']);
  server.clock.advance({ hours: 1 });
  const { names, items } = await list(person.browser.client, { limit: 2 });
  expect(names).toEqual(['A first', 'Line 0001']);
  expect(items[0]).toEqual({
    accountId: own.accountId,
    name: 'A first',
    domainIdentifier: expect.any(String),
    roles: ['account-user', 'viewer'],
  });
});

it('an API key has its own account, the publisher’s staff none, and nobody an answer', async () => {
  const own = await server.account(`Own ${randomUUIDv7()}`);
  expect((await list(own.administrator)).items.map(({ accountId }) => accountId)).toEqual([own.accountId]);
  expect((await list(server.operator)).items).toEqual([]);
  await expect(list(server.client())).rejects.toMatchObject({
    problem: expect.objectContaining({ code: 'sign-in-required' }),
  });
});

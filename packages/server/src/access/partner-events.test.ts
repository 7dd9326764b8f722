import { randomUUIDv7 } from 'node:crypto';
import type { GrantScope } from '@estover/domain/access';
import {
  type Client,
  createApiKey,
  createToken,
  createVirtualAccount,
  deleteVirtualAccount,
  downloadEventChain,
  downloadEvents,
  exportPersonData,
  getMyData,
  grantRole,
  listEvents,
  listVirtualAccounts,
  moveVirtualAccount,
  revokeGrant,
  updateVirtualAccount,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refusal, type SeededAccount, startTestServer, type TestServer } from '../testing/index.ts';
import { type SignedInPerson, signedInPerson } from './testing/signed-in-person.ts';

let server: TestServer;
let account: SeededAccount;
let params: { accountId: string };
/** `🚀 Europe / Berlin` and `Asia`, of which the partner has Berlin. */
let ids: Record<string, string>;
let partner: SignedInPerson & { grantId: string };
let colleague: SignedInPerson & { grantId: string };

async function personIn(email: string, scope: GrantScope): Promise<SignedInPerson & { grantId: string }> {
  const who = await signedInPerson(server, email);
  const { grant } = await account.administrator.call(grantRole, {
    params,
    body: { email, role: 'virtual-account-administrator', scope },
  });
  return { ...who, grantId: grant.grantId };
}

const idOf = (name: string): string => ids[name] as string;
const change = (name: string, body: { name?: string; accessLevel?: 'restricted' | 'unrestricted' }) =>
  account.administrator.call(updateVirtualAccount, {
    params: { ...params, virtualAccountId: idOf(name) },
    body,
  });

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account('Customer');
  params = { accountId: account.accountId };
  ids = await server.virtualAccounts(account, '🚀 Europe / Berlin', 'Asia');
  const inBerlin: GrantScope = {
    kind: 'virtual-accounts',
    virtualAccounts: [{ virtualAccountId: idOf('🚀 Europe / Berlin'), nested: true }],
  };
  partner = await personIn('pia@partner.example', inBerlin);
  colleague = await personIn('ana@customer.example', inBerlin);
});
afterAll(() => server.close());

const eventsFor = async (client: Client, query: { search?: string; operation?: string } = {}) =>
  (await client.call(listEvents, { params, query })).items;
const sentencesFor = async (client: Client, query: { search?: string; operation?: string } = {}) =>
  (await eventsFor(client, query)).map(({ message }) => message);

it('are hidden from what a partner does, the first time and when the same request comes again, and written whole', async () => {
  const { client } = partner.browser;
  const request = {
    params,
    body: { name: 'Mitte', parentId: idOf('🚀 Europe / Berlin') },
    idempotencyKey: randomUUIDv7(),
  };
  const made = await client.call(createVirtualAccount, request);
  expect(made.virtualAccount.path).toEqual(['…', 'Berlin', 'Mitte']);
  expect(await client.call(createVirtualAccount, request)).toEqual(made);
  ids['Mitte'] = made.virtualAccount.virtualAccountId;
  const taken = await refusal(
    client.call(createVirtualAccount, { ...request, idempotencyKey: randomUUIDv7() }),
  );
  expect([taken.code, taken.detail]).toEqual([
    'name-taken',
    'There is a virtual account named Mitte in … / Berlin already.',
  ]);
  const [event] = await eventsFor(account.administrator, { operation: 'createVirtualAccount' });
  expect(event).toMatchObject({
    message: 'made the virtual account 🚀 Europe / Berlin / Mitte',
    after: { path: ['🚀 Europe', 'Berlin', 'Mitte'] },
  });
  expect(
    (await eventsFor(client, { operation: 'createVirtualAccount' })).map(({ message }) => message),
  ).toEqual(['made the virtual account … / Berlin / Mitte', 'made the virtual account … / Berlin']);
});

it('are hidden in events whatever they were called then, and only from partners', async () => {
  await account.administrator.call(createToken, {
    params: { ...params, virtualAccountId: idOf('🚀 Europe / Berlin') },
    body: { description: 'for the 🚀' },
  });
  const operation = 'createToken';
  const [told] = await eventsFor(partner.browser.client, { operation });
  expect(told).toMatchObject({
    message: 'made a registration token for … / Berlin',
    virtualAccountPath: ['…', 'Berlin'],
    after: { virtualAccountPath: ['…', 'Berlin'] },
  });
  // As the tree shows it, so do the sentences.
  await change('🚀 Europe', { accessLevel: 'unrestricted' });
  expect(await sentencesFor(partner.browser.client, { operation })).toEqual([
    'made a registration token for 🚀 Europe / Berlin',
  ]);
  await change('🚀 Europe', { accessLevel: 'restricted', name: 'EMEA' });
  await account.administrator.call(moveVirtualAccount, {
    params: { ...params, virtualAccountId: idOf('🚀 Europe / Berlin') },
    body: { parentId: idOf('Asia') },
  });
  await account.administrator.call(createToken, {
    params: { ...params, virtualAccountId: idOf('Mitte') },
    body: {},
  });
  expect(await sentencesFor(partner.browser.client)).toEqual([
    'made a registration token for … / Berlin / Mitte',
    'moved … / Berlin to … / Berlin',
    'made a registration token for … / Berlin',
    'made the virtual account … / Mitte',
    'gave ana@customer.example the role virtual-account-administrator',
    'gave pia@partner.example the role virtual-account-administrator',
    'made the virtual account … / Berlin',
  ]);
  expect(await sentencesFor(colleague.browser.client)).toEqual(
    expect.arrayContaining([
      'made a registration token for Asia / Berlin / Mitte',
      'moved EMEA / Berlin to Asia / Berlin',
      'made a registration token for 🚀 Europe / Berlin',
    ]),
  );
  const [moved] = await eventsFor(partner.browser.client, { operation: 'moveVirtualAccount' });
  expect(moved).toMatchObject({ before: { path: ['…', 'Berlin'] }, after: { path: ['…', 'Berlin'] } });
});

it('are found by no search of theirs, and stand in no file', async () => {
  const found = async ({ browser }: SignedInPerson, search: string) =>
    (await sentencesFor(browser.client, { search })).length;
  for (const search of ['Europe', 'EMEA', 'Asia']) {
    expect(await found(partner, search), search).toBe(0);
    expect(await found(colleague, search), search).toBeGreaterThan(0);
  }
  expect(await found(partner, '… / Berlin')).toBeGreaterThan(2);
  for (const format of ['csv', 'ndjson'] as const) {
    const file = String(await partner.browser.client.call(downloadEvents, { params, query: { format } }));
    expect(file).toContain('made a registration token for … / Berlin');
    expect(file).not.toMatch(/Europe|EMEA|Asia/);
  }
  // A chain that can be checked has every word of every event, so it is for those alone who see all of them.
  expect((await refusal(partner.browser.client.call(downloadEventChain, { params }))).code).toBe(
    'not-allowed',
  );
});

it('hide the whole sentence of an event that does not say where they stand in it', async () => {
  await sql`update events set places = null where operation = 'createToken'`.execute(server.db);
  const [told] = await eventsFor(partner.browser.client, { operation: 'createToken' });
  expect(told).toMatchObject({
    message: 'did something here that is told with names you may not see',
    virtualAccountPath: ['…', 'Berlin', 'Mitte'],
    before: null,
    after: null,
  });
  expect(await sentencesFor(partner.browser.client, { search: 'token' })).toEqual([]);
  expect(await sentencesFor(colleague.browser.client, { search: 'token' })).toHaveLength(2);
});

it('are hidden from the API keys of a partner as well', async () => {
  const keyOf = async ({ browser }: SignedInPerson) => {
    const { secret } = await browser.client.call(createApiKey, {
      params,
      body: {
        name: 'Theirs',
        role: 'viewer',
        scope: {
          kind: 'virtual-accounts',
          virtualAccounts: [{ virtualAccountId: idOf('🚀 Europe / Berlin'), nested: false }],
        },
      },
    });
    const { items } = await server.client(secret).call(listVirtualAccounts, { params });
    return items.map(({ path }) => path.join(' / '));
  };
  expect(await keyOf(partner)).toEqual(['… / Berlin']);
  expect(await keyOf(colleague)).toEqual(['Asia / Berlin']);
});

it('stand in nothing that is handed to them as their own data, also when they have no role any more', async () => {
  const toldOf = async (data: { events: { operation: string; message: string }[] }) =>
    data.events.flatMap(({ operation, message }) => (operation === 'createVirtualAccount' ? [message] : []));
  const own = async () => toldOf(await partner.browser.client.call(getMyData, {}));
  const exported = async (personId: string) =>
    toldOf(
      (await server.operator.call(exportPersonData, { params: { personId }, body: { reason: 'Asked' } }))
        .data,
    );
  expect(await own()).toEqual(['made the virtual account … / Mitte']);
  expect(await exported(partner.personId)).toEqual(['made the virtual account … / Mitte']);
  await account.administrator.call(revokeGrant, { params: { ...params, grantId: partner.grantId } });
  expect(await own()).toEqual(['made the virtual account …']);
});

it('leave no sign in the database, where all names are whole', async () => {
  const again = await personIn('pat@partner.example', {
    kind: 'virtual-accounts',
    virtualAccounts: [{ virtualAccountId: idOf('🚀 Europe / Berlin'), nested: true }],
  });
  await again.browser.client.call(deleteVirtualAccount, {
    params: { ...params, virtualAccountId: idOf('Mitte') },
    query: { contentsTo: idOf('🚀 Europe / Berlin') },
  });
  const { deleted_path } = await server.db
    .selectFrom('virtual_accounts')
    .select('deleted_path')
    .where('virtual_account_id', '=', idOf('Mitte'))
    .executeTakeFirstOrThrow();
  expect(deleted_path).toEqual(['Asia', 'Berlin', 'Mitte']);
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
     where table_schema = current_schema() and table_type = 'BASE TABLE'`.execute(server.db);
  expect(tables.length).toBeGreaterThan(50);
  for (const { name } of tables) {
    const { rows } = await sql`select 1 from ${sql.table(name)} t where t::text ~ '[\uFDD0-\uFDD2]'`.execute(
      server.db,
    );
    expect(rows, name).toEqual([]);
  }
});

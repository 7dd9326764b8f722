import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope, PlatformRole } from '@estover/domain/access';
import {
  askSupportAccess,
  type Client,
  createApiKey,
  createToken,
  createWebhook,
  downloadEventChain,
  downloadEvents,
  downloadPlatformEventChain,
  downloadPlatformEvents,
  getPlatformEvent,
  getPlatformEventHead,
  grantRole,
  inviteStaff,
  listEvents,
  listPlatformEvents,
  removePerson,
  requestAccess,
  updateAccount,
} from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleAccessRequests } from '../access/index.ts';
import { type SignedInPerson, signedInPerson } from '../access/testing/signed-in-person.ts';
import { finishRemovals } from '../privacy/index.ts';
import { makeStaff } from '../support/testing/staff.ts';
import {
  deliver,
  refusal,
  type SeededAccount,
  seedCatalog,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { grantsOfWebhook } from '../webhooks/seen-events.ts';
import { genesisHash, hashOfBatch, hashOfEvent } from './event-chain.ts';
import { chained, insertBatch, markSealed, unsealedEvents } from './events-store.ts';
import { readEvents } from './events-view.ts';
import { sealEvents } from './seal-events-job.ts';
import { verifyChainFile } from './verify-chain-file.ts';
import { verifyEvents } from './verify-events.ts';

let server: TestServer;
let account: SeededAccount;
let params: { accountId: string };
let lyon: string;
let inLyon: GrantScope;
/** Administers the account in a browser. */
let ana: SignedInPerson;
/** A client that Ana made. */
let client: Client;
let clientId: string;

beforeAll(async () => {
  server = await startTestServer({ outboundAllow: '127.0.0.1/32' });
  const catalog = await seedCatalog(server);
  account = await server.account('Customer');
  params = { accountId: account.accountId };
  const { administrator } = account;
  lyon = Object.values(await server.virtualAccounts(account, 'Lyon'))[0] as string;
  inLyon = { kind: 'virtual-accounts', virtualAccounts: [{ virtualAccountId: lyon, nested: true }] };
  await deliver(server, account, { virtualAccount: 'Lyon', tag: catalog.security, quantity: 5 });
  ana = await signedInPerson(server, 'ana@customer.example');
  await administrator.call(grantRole, {
    params,
    body: { email: ana.email, role: 'account-administrator', scope: { kind: 'account' } },
  });
  await administrator.call(grantRole, {
    params,
    body: { email: 'secret@customer.example', role: 'virtual-account-user', scope: inLyon },
  });
  await administrator.call(createToken, { params: { ...params, virtualAccountId: lyon }, body: {} });
  const made = await ana.browser.client.call(createApiKey, {
    params,
    body: { name: 'Robot', role: 'account-administrator', scope: { kind: 'account' } },
  });
  clientId = made.apiKey.apiKeyId;
  client = server.client(made.secret);
  await administrator.call(createWebhook, {
    params,
    body: { description: 'SIEM', url: 'https://127.0.0.1/hook', signing: 'hmac', scope: { kind: 'account' } },
  });
  await client.call(updateAccount, { params, body: { name: 'Customer SA' } });
});
afterAll(() => server.close());

const named = [
  'createApiKey',
  'createOrder',
  'createToken',
  'createVirtualAccount',
  'createWebhook',
  'grantRole',
  'updateAccount',
];
const operationsOf = (items: readonly { operation: string }[]) =>
  [...new Set(items.map(({ operation }) => operation))].filter((one) => named.includes(one)).sort();
const eventsFor = async (reader: Client, query: Record<string, string> = {}) =>
  (await reader.call(listEvents, { params, query: { limit: 200, ...query } })).items;
const readerIn = async (role: AccountRole, scope?: GrantScope) =>
  server.client(await server.keyOf(account.accountId, role, scope));

describe('events of an account', () => {
  it.each<[AccountRole, 'everywhere' | 'in Lyon', string[]]>([
    ['approver', 'everywhere', named],
    ['account-administrator', 'everywhere', named],
    [
      'account-user',
      'everywhere',
      ['createOrder', 'createToken', 'createVirtualAccount', 'grantRole', 'updateAccount'],
    ],
    ['viewer', 'everywhere', ['createOrder', 'createVirtualAccount', 'grantRole', 'updateAccount']],
    [
      'virtual-account-administrator',
      'in Lyon',
      ['createOrder', 'createToken', 'createVirtualAccount', 'grantRole'],
    ],
    ['virtual-account-user', 'in Lyon', ['createOrder', 'createToken', 'createVirtualAccount']],
    ['viewer', 'in Lyon', ['createOrder', 'createVirtualAccount', 'grantRole']],
  ])('are told to the %s %s of what they may see, and of nothing else', async (role, where, seen) => {
    const reader = await readerIn(role, where === 'in Lyon' ? inLyon : undefined);
    expect(operationsOf(await eventsFor(reader))).toEqual(seen);
    for (const operation of named) {
      expect([operation, (await eventsFor(reader, { operation })).length > 0]).toEqual([
        operation,
        seen.includes(operation),
      ]);
    }
  });

  it('name nobody to who may not see people, in the list, by filter, by search and in files', async () => {
    const reader = await readerIn('virtual-account-user', inLyon);
    expect(JSON.stringify(await eventsFor(reader))).not.toContain('secret@customer.example');
    const queries: Record<string, string>[] = [
      { search: 'secret@customer' },
      { objectKind: 'grant' },
      { person: ana.email },
    ];
    for (const query of queries) {
      expect(await eventsFor(reader, query)).toEqual([]);
    }
    for (const format of ['csv', 'ndjson'] as const) {
      const file = await reader.call(downloadEvents, { params, query: { format } });
      expect(file).toContain('createVirtualAccount');
      expect(file).not.toContain('secret@customer.example');
      expect(file).not.toContain('grantRole');
    }
    expect(await eventsFor(await readerIn('viewer'), { search: 'secret@customer' })).toHaveLength(1);
  });

  it('go to webhooks as to those who administer what is in their scope', async () => {
    const seenBy = async (scope: GrantScope) => {
      const grants = grantsOfWebhook({ webhookId: randomUUIDv7(), scope } as Parameters<
        typeof grantsOfWebhook
      >[0]);
      const rows = await server.db
        .transaction()
        .execute((trx) =>
          readEvents({ trx, grants }, account.accountId, { nested: true }, { limit: 200, after: null }),
        );
      return operationsOf(rows);
    };
    expect(await seenBy({ kind: 'account' })).toEqual(named);
    expect(await seenBy(inLyon)).toEqual(['createOrder', 'createToken', 'createVirtualAccount', 'grantRole']);
  });

  it('of an operation that nobody described are seen by those who see all, and by nobody else', async () => {
    await sql`update events set operation = 'doSomethingNew' where account_id = ${account.accountId}
      and operation = 'updateAccount'`.execute(server.db);
    const query = { operation: 'doSomethingNew' };
    expect(await eventsFor(await readerIn('approver'), query)).toHaveLength(1);
    expect(await eventsFor(await readerIn('account-user'), query)).toEqual([]);
    await sql`update events set operation = 'updateAccount' where operation = 'doSomethingNew'`.execute(
      server.db,
    );
  });
});

/** What a server did that knew nothing of it. */
const sealAsBefore = () =>
  server.db.transaction().execute(async (trx) => {
    const events = (await unsealedEvents(trx, account.accountId, 1_000)).map(
      ({ version: _, onBehalfOf: __, ...event }) => event,
    );
    const hashes = events.map((event) => hashOfEvent(chained(event)));
    const hash = hashOfBatch(genesisHash, account.accountId, 1, hashes, 1);
    const batch = { batchNumber: 1, events: events.length, previousHash: genesisHash, hash, epoch: 1 };
    await insertBatch(trx, account.accountId, { ...batch, sealedAt: server.clock.now() });
    await markSealed(trx, 1, events);
  });

const lines = (text: string) =>
  (async function* () {
    yield* text.split('\n');
  })();

describe('on whose behalf', () => {
  it('an API client acts is told, found and written into files', async () => {
    const behalf = { kind: 'person', id: ana.personId, name: 'Ana Ruiz' };
    const [changed] = await eventsFor(client, { operation: 'updateAccount' });
    expect(changed?.actor).toEqual({ kind: 'api-key', id: clientId, name: 'Robot', onBehalfOf: behalf });
    const queries: Record<string, string>[] = [
      { actorId: ana.personId },
      { person: ana.email },
      { person: 'ana ruiz' },
    ];
    for (const query of queries) {
      const found = await eventsFor(client, query);
      expect(found.map(({ operation }) => operation)).toEqual(['updateAccount', 'createApiKey']);
      expect(found[1]?.actor.onBehalfOf).toBeNull();
    }
    expect(await eventsFor(client, { search: 'ana rui', operation: 'updateAccount' })).toHaveLength(1);
    const csv = await client.call(downloadEvents, {
      params,
      query: { format: 'csv', operation: 'updateAccount' },
    });
    expect(csv.split('\r\n')[1]).toContain(',Robot,api-key,Ana Ruiz,updateAccount,');
  });

  it('the system follows what somebody asked for is told', async () => {
    const asker = await signedInPerson(server, 'asker@other.example');
    const { rows } = await sql<{ identifier: string }>`select domain_identifier as identifier from accounts
      where account_id = ${account.accountId}`.execute(server.db);
    await asker.browser.client.call(requestAccess, {
      body: { identifier: rows[0]?.identifier ?? '', role: 'viewer', reason: 'Audit' },
    });
    await settleAccessRequests(server.jobDependencies);
    const [event] = await eventsFor(client, { person: asker.email });
    expect(event).toMatchObject({
      operation: 'receiveAccessRequest',
      actor: { kind: 'system', onBehalfOf: { kind: 'person', id: asker.personId, name: 'Ana Ruiz' } },
    });
  });

  it('is sealed with the event, and events of before hold as they were', async () => {
    await client.call(updateAccount, { params, body: { name: 'Of before' } });
    await sealAsBefore();
    const [before] = await eventsFor(client, { search: 'Of before' });
    expect([before?.batch, before?.actor.onBehalfOf]).toEqual([1, null]);
    await client.call(updateAccount, { params, body: { name: 'Of now' } });
    await sealEvents(server.db, server.clock.now());
    const [now] = await eventsFor(client, { search: 'Of now' });
    expect([now?.batch, now?.actor.onBehalfOf?.name]).toEqual([2, 'Ana Ruiz']);
    const file = await client.call(downloadEventChain, { params });
    expect([...file.matchAll(/"version":2,"onBehalfOf":\{/g)]).toHaveLength(1);
    expect((await verifyChainFile(lines(file))).fault).toBeNull();
    expect((await verifyChainFile(lines(file.replaceAll('"version":2,', '')))).fault?.what).toBe(
      'its hash does not fit its events',
    );
    const fault = async () => (await verifyEvents(server.db, account.accountId))[0]?.fault?.what ?? null;
    expect(await fault()).toBeNull();
    for (const change of [
      sql`behalf_name = 'Somebody else'`,
      sql`behalf_id = 'x'`,
      sql`behalf_kind = null, behalf_id = null, behalf_name = null`,
      sql`chain_version = 1`,
    ]) {
      const where = sql`where account_id = ${account.accountId} and event_id = ${now?.eventId}`;
      const { rows } = await sql<{ kind: string; id: string; name: string; version: number }>`
        select behalf_kind as kind, behalf_id as id, behalf_name as name, chain_version as version
          from events ${where}`.execute(server.db);
      const [was] = rows;
      await sql`update events set ${change} ${where}`.execute(server.db);
      expect(await fault()).toBe('the event was changed');
      await sql`update events set behalf_kind = ${was?.kind}, behalf_id = ${was?.id}, behalf_name = ${was?.name},
        chain_version = ${was?.version} ${where}`.execute(server.db);
      expect(await fault()).toBeNull();
    }
  });

  it('is a pseudonym once the person was removed, and the chain holds', async () => {
    // The last administrator stays.
    const { email } = await signedInPerson(server, 'bo@customer.example');
    await account.administrator.call(grantRole, {
      params,
      body: { email, role: 'account-administrator', scope: { kind: 'account' } },
    });
    const { removal } = await server.operator.call(removePerson, {
      params: { personId: ana.personId },
      body: { confirmation: ana.email, reason: 'left' },
    });
    server.clock.advance({ minutes: 3 });
    await finishRemovals(server.jobDependencies);
    const [event] = await eventsFor(await readerIn('approver'), { search: 'Of now' });
    expect(event?.actor.onBehalfOf).toEqual({ kind: 'person', id: ana.personId, name: removal.pseudonym });
    const { rows } = await sql<{ left: number }>`
      select count(*)::int as left from events where behalf_name = 'Ana Ruiz' and behalf_id = ${ana.personId}`.execute(
      server.db,
    );
    expect(rows).toEqual([{ left: 0 }]);
    const [report] = await verifyEvents(server.db, account.accountId);
    expect(report?.fault).toBeNull();
  });
});

describe('events of the platform', () => {
  const staff = async (role: PlatformRole) => (await makeStaff(server, role, `Staff ${role}`)).browser.client;
  const ofInterest = ['askSupportAccess', 'createOrder', 'createProduct', 'inviteStaff', 'removePerson'];
  const platformEvents = async (reader: Client, query: Record<string, string> = {}) =>
    (await reader.call(listPlatformEvents, { query: { limit: 200, ...query } })).items;

  it('are told to staff as far as they may see what they are about', async () => {
    await server.operator.call(inviteStaff, { body: { email: 'desk@vendor.example', role: 'order-desk' } });
    const asking = await staff('support');
    await asking.call(askSupportAccess, {
      body: { ...params, mode: 'read', reason: 'Figures', caseNumber: '12', minutes: 30 },
    });
    const [asked] = await platformEvents(server.operator, { operation: 'askSupportAccess' });
    expect(asked?.after).toMatchObject({ account: 'Of now', caseNumber: '12' });
    // The account is told of it under the same id.
    const [told] = await eventsFor(account.administrator, { operation: 'askSupportAccess' });
    expect(told?.eventId).toBe(asked?.eventId);
    const seen: Record<string, string[]> = {};
    for (const role of ['operator', 'order-desk', 'legal-reviewer', 'support'] as const) {
      const reader = await staff(role);
      const operations = (await platformEvents(reader)).map(({ operation }) => operation);
      seen[role] = ofInterest.filter((one) => operations.includes(one));
      const file = await reader.call(downloadPlatformEvents, { query: { format: 'csv' } });
      expect(ofInterest.filter((one) => file.includes(`,${one},`))).toEqual(seen[role]);
    }
    expect(seen).toEqual({
      operator: ofInterest,
      'order-desk': ['createOrder', 'createProduct'],
      'legal-reviewer': ['createProduct'],
      support: ['askSupportAccess', 'createOrder', 'createProduct'],
    });
    expect((await refusal(account.administrator.call(listPlatformEvents, {}))).code).toBe('not-allowed');
  });

  it('are filtered, paged and opened one by one, and what is not seen is not found', async () => {
    const [invited] = await platformEvents(server.operator, { operation: 'inviteStaff' });
    expect(invited).toMatchObject({
      message: 'made desk@vendor.example staff with order-desk',
      objectKind: 'person',
      virtualAccountId: null,
      virtualAccountPath: [],
    });
    expect(await platformEvents(server.operator, { search: 'desk@vendor' })).toEqual([invited]);
    expect(await platformEvents(server.operator, { from: '2027-01-01T00:00:00Z' })).toEqual([]);
    const { items, nextCursor } = await server.operator.call(listPlatformEvents, { query: { limit: 1 } });
    const next = await server.operator.call(listPlatformEvents, {
      query: { limit: 1, cursor: nextCursor as string },
    });
    expect([items.length, next.items.length, items[0]?.eventId === next.items[0]?.eventId]).toEqual([
      1,
      1,
      false,
    ]);
    const one = { params: { eventId: invited?.eventId as string } };
    expect(await server.operator.call(getPlatformEvent, one)).toEqual(invited);
    const desk = await staff('order-desk');
    expect((await refusal(desk.call(getPlatformEvent, one))).code).toBe('not-found');
    expect(await platformEvents(desk, { search: 'desk@vendor' })).toEqual([]);
  });

  it('are proved by a file of their own chain, which operators alone take away', async () => {
    await sealEvents(server.db, server.clock.now());
    const file = await server.operator.call(downloadPlatformEventChain, {});
    const { head, unsealed } = await server.operator.call(getPlatformEventHead, {});
    const report = await verifyChainFile(lines(file));
    expect(report).toMatchObject({
      accountId: '00000000-0000-0000-0000-000000000000',
      accountName: 'The platform',
      fault: null,
      head: { batchNumber: head?.batchNumber, hash: head?.hash },
    });
    expect([unsealed, report.events]).toEqual([0, (await platformEvents(server.operator)).length]);
    const changed = file.replace('desk@vendor.example', 'task@vendor.example');
    expect((await verifyChainFile(lines(changed))).fault?.what).toBe('its hash does not fit its events');
    for (const role of ['order-desk', 'legal-reviewer', 'support'] as const) {
      const reader = await staff(role);
      for (const operation of [downloadPlatformEventChain, getPlatformEventHead] as const) {
        expect((await refusal(reader.call(operation, {}))).code).toBe('not-allowed');
      }
    }
  });
});

import { randomUUID } from 'node:crypto';
import { createLicense, createToken } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOf,
  checkLedgerLaws,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestDevice,
  type TestServer,
  tagOf,
  testDevice,
} from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;
let europe: string;
let catalog: SeededCatalog;
let token: string;
let exportToken: string;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account();
  europe = (await server.virtualAccounts(account, 'Europe'))['Europe'] as string;
  catalog = await seedCatalog(server);
  await deliver(server, account, { tag: catalog.security, quantity: 5, virtualAccount: 'Europe' });
  token = await newToken();
  exportToken = await newToken({ exportControlledAllowed: true });
});
afterAll(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
  await server.close();
});

const newToken = async (more: object = {}): Promise<string> => {
  const { secret } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: europe },
    body: { ...more },
  });
  return secret;
};

const registered = async (secret = token): Promise<TestDevice> => {
  const device = await testDevice(server);
  answerOf(await device.register(secret));
  return device;
};

const instanceOf = (device: TestDevice) =>
  server.db
    .selectFrom('product_instances')
    .innerJoin('instance_contacts as contact', 'contact.instance_id', 'product_instances.instance_id')
    .selectAll()
    .where('product_instances.instance_id', '=', device.key?.instanceId ?? '')
    .executeTakeFirstOrThrow();

describe('a report of use', () => {
  it('is answered with the state of each license, and with when to come again', async () => {
    const device = await registered();
    const answer = answerOf(
      await device.authorize([
        { tag: catalog.security, count: 3 },
        { tag: 'nobody knows ÄÖ', count: 1 },
        { tag: catalog.advantage, count: 0 },
      ]),
    );
    expect(answer).toMatchObject({
      instanceId: device.key?.instanceId,
      lastSequence: 2,
      authorization: {
        state: 'out-of-compliance',
        licenses: [
          { tag: catalog.security, count: 3, state: 'in-compliance', name: 'Branch Security' },
          { tag: 'nobody knows ÄÖ', count: 1, state: 'invalid-tag' },
          { tag: catalog.advantage, count: 0, state: 'in-compliance' },
        ],
        nextContactSeconds: 43_200,
      },
    });
    const { authorization } = answerOf(await device.authorize([{ tag: catalog.security, count: 2 }]));
    expect(authorization).toMatchObject({ state: 'authorized', nextContactSeconds: 2_592_000 });
    expect((await instanceOf(device)).next_contact_by.toString()).toBe('2026-12-22T12:00:00Z');
    const nothing = answerOf(await device.authorize([]));
    expect(nothing.authorization).toMatchObject({ state: 'no-licenses-in-use', licenses: [] });
    const rows = await server.db
      .selectFrom('instance_usage')
      .selectAll()
      .where('instance_id', '=', device.key?.instanceId ?? '')
      .execute();
    expect(rows).toEqual([]);
  });

  it('tells a shortage to every instance of the pool, and its end', async () => {
    const one = await registered();
    const other = await registered();
    const tag = catalog.security;
    expect(answerOf(await one.authorize([{ tag, count: 4 }])).authorization.state).toBe('authorized');
    expect(answerOf(await other.authorize([{ tag, count: 4 }])).authorization.state).toBe(
      'out-of-compliance',
    );
    expect(answerOf(await one.authorize([{ tag, count: 4 }])).authorization.state).toBe('out-of-compliance');
    answerOf(await other.deregister());
    expect(answerOf(await one.authorize([{ tag, count: 4 }])).authorization.state).toBe('authorized');
    answerOf(await one.deregister());
  });

  it('without change writes the contact and the message alone', async () => {
    const device = await registered();
    const usage = [{ tag: catalog.security, count: 1 }];
    answerOf(await device.authorize(usage));
    const rowsOf = () =>
      Promise.all(
        ['product_instances', 'instance_usage', 'usage_changes', 'pools'].map(async (table) => {
          const { rows } =
            await sql`select xmin::text, xmax::text, ctid::text from ${sql.table(table)}`.execute(server.db);
          return rows;
        }),
      );
    const before = await rowsOf();
    server.clock.advance({ hours: 1 });
    answerOf(await device.authorize(usage));
    expect(await rowsOf()).toEqual(before);
    expect((await instanceOf(device)).last_contact_at.toString()).toBe('2026-11-22T13:00:00Z');
    server.clock.set('2026-11-22T12:00:00Z');
    answerOf(await device.deregister());
  });

  it('brings what the instance says of itself', async () => {
    const device = await registered();
    answerOf(await device.authorize([], { instance: { hostName: 'edge-9', softwareVersion: '3.2' } }));
    expect(await instanceOf(device)).toMatchObject({
      host_name: 'edge-9',
      software_version: '3.2',
      display_name: 'edge-9',
    });
    answerOf(await device.authorize([]));
    expect(await instanceOf(device)).toMatchObject({ host_name: 'edge-9' });
  });

  it('counts a tag as soon as the catalog knows it', async () => {
    const device = await registered();
    const tag = tagOf(`later ${randomUUID()}`);
    const stateOf = async () =>
      answerOf(await device.authorize([{ tag, count: 2 }])).authorization.licenses[0]?.state;
    expect(await stateOf()).toBe('invalid-tag');
    await server.operator.call(createLicense, {
      body: { tag, name: 'Later', version: '1.0', family: 'Network' },
    });
    expect(await stateOf()).toBe('out-of-compliance');
    answerOf(await device.deregister());
  });

  it('does not count what is export-controlled where it is not allowed', async () => {
    const plain = await registered();
    const allowed = await registered(exportToken);
    const usage = [{ tag: catalog.encryption, count: 1 }];
    expect(answerOf(await plain.authorize(usage)).authorization).toMatchObject({
      state: 'out-of-compliance',
      licenses: [{ state: 'disabled', name: 'Strong Encryption' }],
    });
    const inUse = async () =>
      (
        await server.db
          .selectFrom('pools')
          .innerJoin('licenses', 'licenses.license_id', 'pools.license_id')
          .select('in_use')
          .where('tag', '=', catalog.encryption)
          .execute()
      ).reduce((sum, row) => sum + row.in_use, 0);
    expect(await inUse()).toBe(0);
    expect(answerOf(await allowed.authorize(usage)).authorization.licenses).toMatchObject([
      { state: 'out-of-compliance' },
    ]);
    expect(await inUse()).toBe(1);
    // An account that comes into another category loses it with the next report.
    const category = (export_category: string) =>
      server.db
        .updateTable('accounts')
        .set({ export_category })
        .where('account_id', '=', account.accountId)
        .execute();
    await category('C');
    expect(answerOf(await allowed.authorize(usage)).authorization.licenses).toMatchObject([
      { state: 'disabled' },
    ]);
    await category('A');
    expect(await inUse()).toBe(0);
  });
});

describe('a message that comes again', () => {
  it('gets the same answer, whatever was lost in between', async () => {
    const device = await registered();
    const payload = { ...device.common(), usage: [{ tag: catalog.security, count: 1 }] };
    const document = device.write('authorize', payload);
    const first = answerOf(await device.send('authorize', document, payload.messageId));
    answerOf(await device.authorize([]));
    server.clock.advance({ hours: 24 * 20 });
    const again = answerOf(await device.send('authorize', document, payload.messageId));
    expect(again).toEqual({ ...first, replayed: true });
    // Signed anew it is the same message still.
    const resigned = device.write('authorize', payload);
    expect(resigned).not.toBe(document);
    expect(answerOf(await device.send('authorize', resigned, payload.messageId))).toEqual(again);
    server.clock.set('2026-11-22T12:00:00Z');
    const rows = await server.db
      .selectFrom('instance_usage')
      .select('count')
      .where('instance_id', '=', device.key?.instanceId ?? '')
      .execute();
    expect(rows).toEqual([]);
  });

  it('with other content is refused, proven, with the field that differs', async () => {
    const device = await registered();
    const payload = { ...device.common(), usage: [{ tag: catalog.security, count: 1 }] };
    answerOf(await device.authorize(payload.usage, payload));
    const other = await device.authorize([{ tag: catalog.security, count: 2 }], {
      messageId: payload.messageId,
      sequence: payload.sequence,
    });
    expect(other).toMatchObject({ status: 409, proof: { code: 'message-id-reused', field: 'usage' } });
    const kind = await device.deregister({ messageId: payload.messageId });
    expect(kind).toMatchObject({ status: 409, proof: { code: 'message-id-reused', field: 'kind' } });
    answerOf(await device.deregister());
  });

  it('of another instance is no repeat', async () => {
    const one = await registered();
    const other = await registered();
    const messageId = randomUUID();
    answerOf(await one.authorize([], { messageId }));
    const answer = answerOf(await other.authorize([], { messageId }));
    expect(answer.replayed).toBeUndefined();
    expect(answer.instanceId).toBe(other.key?.instanceId);
  });
});

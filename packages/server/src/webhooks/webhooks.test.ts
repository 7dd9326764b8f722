import { randomUUIDv7 } from 'node:crypto';
import {
  createWebhook,
  deleteWebhook,
  getWebhookDelivery,
  listEvents,
  listWebhookDeliveries,
  listWebhooks,
  replayWebhookDelivery,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from '@estover/protocol';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { insertGrant } from '../access/index.ts';
import { signedInPerson } from '../access/testing/signed-in-person.ts';
import { refused, webhookTest } from './testing/webhook-test.ts';

const test = webhookTest();

const events = async () => {
  const { items } = await test.account.administrator.call(listEvents, {
    params: test.params,
    query: { objectKind: 'webhook' },
  });
  return items.map(({ operation, message }) => [operation, message]);
};
const change = (made: Parameters<typeof test.of>[0], body: object) =>
  test.account.administrator.call(updateWebhook, { ...test.of(made), body });

it('is made, changed, tested and deleted, each with one event that tells the host and no more of the address', async () => {
  const made = await test.make({ url: `${test.receiver.url}?key=very-secret`, signing: 'hmac' });
  expect(made.webhook).toMatchObject({
    description: 'SIEM',
    url: `${test.receiver.url}?key=very-secret`,
    scope: { kind: 'account' },
    events: { operations: ['updateAccount'], objectKinds: [] },
    state: 'on',
    madeBy: 'account-administrator key',
    deliveries: { waiting: 0, delivered: 0, failed: 0 },
  });
  const changed = await change(made, {
    description: 'Splunk',
    events: { operations: [], objectKinds: ['account'] },
  });
  expect(changed).toMatchObject({ secret: null, webhook: { description: 'Splunk', state: 'on' } });
  const { delivery } = await test.account.administrator.call(testWebhook, test.of(made));
  expect(delivery).toMatchObject({ kind: 'test', type: 'webhook.test', state: 'waiting', tries: 0 });
  await test.send();
  expect(test.receiver.received[0]).toMatchObject({
    path: '/in?key=very-secret',
    message: { type: 'webhook.test', data: { webhookId: made.webhook.webhookId } },
  });
  expect((await test.stateOf(made))?.deliveries).toEqual({ waiting: 0, delivered: 1, failed: 0 });
  await test.account.administrator.call(deleteWebhook, test.of(made));
  expect(await test.account.administrator.call(listWebhooks, { params: test.params })).toEqual({ items: [] });
  await expect(test.account.administrator.call(testWebhook, test.of(made))).rejects.toMatchObject(
    refused('not-found'),
  );
  const { host } = new URL(test.receiver.url);
  expect(await events()).toEqual([
    ['deleteWebhook', 'deleted the webhook Splunk'],
    ['testWebhook', 'sent a test to the webhook Splunk'],
    ['updateWebhook', 'changed the webhook Splunk'],
    ['createWebhook', `made the webhook SIEM, to ${host}`],
  ]);
  const { rows } = await sql`select before, after, message from events where object_kind = 'webhook'`.execute(
    test.server.db,
  );
  expect(JSON.stringify(rows)).not.toContain('very-secret');
  expect(JSON.stringify(rows)).not.toMatch(/whs(ec|k)_/);
});

it('keeps no secret and no private key that could be read in the database', async () => {
  const { secret } = await test.make({ signing: 'hmac' });
  await test.make({ signing: 'ed25519' });
  const { rows } = await sql<{ secret_sealed: string }>`select * from webhooks`.execute(test.server.db);
  const stored = JSON.stringify(rows);
  expect(rows).toHaveLength(2);
  expect(stored).not.toContain((secret as string).slice('whsec_'.length));
  expect(stored).not.toMatch(/whs(ec|k)_/);
});

it.each([
  ['http://siem.example.com/', { allow: false }],
  ['ftp://siem.example.com/', { allow: true }],
  ['https://ana:secret@siem.example.com/', { allow: true }],
  ['https://10.0.0.1/', { allow: true }],
  ['https://169.254.169.254/latest', { allow: true }],
  ['https://[::ffff:10.0.0.1]/', { allow: true }],
  ['https://0xa.1/', { allow: true }],
  ['https://0xa000001/', { allow: true }],
  ['https://167772161/', { allow: true }],
  ['https://012.0.0.1/', { allow: true }],
  ['https://10.1/', { allow: true }],
  ['https://[::ffff:a00:1]/', { allow: true }],
  ['https://[0:0:0:0:0:ffff:169.254.169.254]/', { allow: true }],
  ['https://2130706433/', { allow: false }],
  ['https://１２７.0.0.1/', { allow: false }],
  ['http://localhost.evil/', { allow: false }],
  ['http://8.8.8.8/', { allow: true }],
  ['somewhere', { allow: true }],
])('refuses the address %s (networks allowed: %o)', async (url, { allow }) => {
  const { outboundAllow } = test.server.installation;
  if (!allow) test.server.installation.outboundAllow = [];
  try {
    await expect(test.make({ url })).rejects.toMatchObject(
      refused('webhook-url', { status: 422, errors: [expect.objectContaining({ pointer: 'body/url' })] }),
    );
  } finally {
    test.server.installation.outboundAllow = outboundAllow;
  }
  expect(await events()).toEqual([]);
});

it.each([
  [{ events: { operations: ['Not an operation'], objectKinds: [] } }, 'invalid-request'],
  [{ description: '' }, 'invalid-request'],
  [
    {
      scope: {
        kind: 'virtual-accounts' as const,
        virtualAccounts: [{ virtualAccountId: randomUUIDv7(), nested: true }],
      },
    },
    'unknown-virtual-account',
  ],
])('refuses %j', async (body, code) => {
  await expect(test.make(body)).rejects.toMatchObject(refused(code, { status: 422 }));
});

it('has room for 20 in an account, also when two are made at once', async () => {
  for (let index = 0; index < 19; index += 1) await test.make();
  const both = await Promise.allSettled([test.make(), test.make()]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(test.make()).rejects.toMatchObject(refused('webhook-limit', { status: 409 }));
});

it('wants a new secret for another host, and signs with that one alone', async () => {
  const made = await test.make({ signing: 'hmac' });
  const other = 'https://siem.example.com/in';
  await expect(change(made, { url: other })).rejects.toMatchObject(
    refused('webhook-host-changed', { status: 422 }),
  );
  expect((await test.stateOf(made))?.url).toBe(test.receiver.url);
  // Another path is the same server.
  expect((await change(made, { url: `${test.receiver.url}/more` })).secret).toBeNull();
  await test.account.administrator.call(rotateWebhookSecret, {
    ...test.of(made),
    body: { overlapHours: 24 },
  });
  const moved = await change(made, { url: other, newSecret: true });
  expect(moved.secret).toMatch(/^whsec_/);
  expect(moved.secret).not.toBe(made.secret);
  expect(moved.webhook.previousUntil).toBeNull();
  const key = await test.make({ signing: 'ed25519' });
  const kept = await change(key, { url: other });
  expect(kept).toMatchObject({ secret: null, webhook: { publicKey: key.webhook.publicKey } });
});

it('refuses what changes nothing, and what is sent to one that is off', async () => {
  const made = await test.make();
  await expect(change(made, {})).rejects.toMatchObject(refused('nothing-to-do'));
  await expect(change(made, { state: 'on', description: 'SIEM' })).rejects.toMatchObject(
    refused('nothing-to-do'),
  );
  await change(made, { state: 'off' });
  await expect(test.account.administrator.call(testWebhook, test.of(made))).rejects.toMatchObject(
    refused('webhook-off', { status: 409 }),
  );
});

it('is for those who manage the settings of the whole account, and for nobody of another one', async () => {
  const made = await test.make();
  await test.rename();
  await test.send();
  const messageId = (await test.deliveries(made))[0]?.messageId as string;
  const place = { params: { ...test.of(made).params, messageId } };
  const other = await test.server.account(`Other ${randomUUIDv7()}`);
  // The other account in the path, with ids of this one: nothing is told of what is there.
  const smuggled = { params: { ...place.params, accountId: other.accountId } };
  const client = other.administrator;
  for (const call of [
    () => client.call(getWebhookDelivery, place),
    () => client.call(getWebhookDelivery, smuggled),
    () => client.call(replayWebhookDelivery, smuggled),
    () => client.call(listWebhookDeliveries, { params: smuggled.params }),
  ]) {
    await expect(call()).rejects.toMatchObject(refused('not-found', { status: 404 }));
  }
  for (const role of ['account-user', 'viewer', 'approver'] as const) {
    const some = test.server.client(await test.server.keyOf(test.params.accountId, role));
    await expect(some.call(listWebhooks, { params: test.params })).rejects.toMatchObject(
      refused('not-allowed'),
    );
    await expect(test.make({}, some)).rejects.toMatchObject(refused('not-allowed'));
  }
  await expect(
    test.account.administrator.call(listWebhookDeliveries, {
      ...test.of(made),
      query: { cursor: 'bm9uc2Vuc2U' },
    }),
  ).rejects.toMatchObject(refused('cursor-invalid'));
});

it('asks again who it is before events go somewhere', async () => {
  const { personId, browser } = await signedInPerson(test.server);
  await test.server.db.transaction().execute((trx) =>
    insertGrant(trx, {
      accountId: test.params.accountId,
      grantId: randomUUIDv7(),
      personId,
      role: 'account-administrator',
      scope: { kind: 'account' },
      until: null,
      grantedBy: 'test',
      grantedAt: test.server.clock.now(),
    }),
  );
  const made = await test.make({}, browser.client);
  test.server.clock.advance({ minutes: 20 });
  for (const call of [
    () => test.make({}, browser.client),
    () => browser.client.call(rotateWebhookSecret, { ...test.of(made), body: {} }),
    () => browser.client.call(updateWebhook, { ...test.of(made), body: { url: `${test.receiver.url}/x` } }),
  ]) {
    await expect(call()).rejects.toMatchObject(refused('step-up-required', { status: 403 }));
  }
  // What sends no more than before does not ask.
  await browser.client.call(updateWebhook, { ...test.of(made), body: { state: 'off' } });
});

it('answers a repeated request with the same secret', async () => {
  const call = () =>
    test.account.administrator.call(createWebhook, {
      params: test.params,
      body: { description: 'SIEM', url: test.receiver.url, signing: 'hmac' },
      idempotencyKey: 'once',
    });
  const [first, second] = [await call(), await call()];
  expect(second).toEqual(first);
  expect(first.secret).toMatch(/^whsec_/);
  const { items } = await test.account.administrator.call(listWebhooks, { params: test.params });
  expect(items).toHaveLength(1);
});

import { createPublicKey, randomUUIDv7, verify } from 'node:crypto';
import { downloadEvents, rotateWebhookSecret, updateAccount, updateVirtualAccount } from '@estover/protocol';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { sealEvents } from '../audit/index.ts';
import { recordEvents } from '../audit/record-event.ts';
import type { ReceivedWebhook } from '../testing/index.ts';
import { webhookTest } from './testing/webhook-test.ts';

const test = webhookTest();

/** Checks a signature as a receiver would that knows the public key alone. */
function isSignedBy(publicKey: string, { headers, body }: ReceivedWebhook): boolean {
  const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
  return (headers['webhook-signature'] ?? '')
    .split(' ')
    .filter((one) => one.startsWith('v1a,'))
    .some((one) => verify(null, signed, key, Buffer.from(one.slice(4), 'base64')));
}

describe('a delivery', () => {
  it('is the event as the export has it, signed with a secret as the standard’s own library checks', async () => {
    const made = await test.make({ signing: 'hmac' });
    expect(made).toMatchObject({ secret: expect.stringMatching(/^whsec_/), webhook: { publicKey: null } });
    await test.rename('Northwind AG');
    expect(await test.send()).toBe(1);
    const [got] = test.receiver.received as [ReceivedWebhook];
    const file = await test.account.administrator.call(downloadEvents, {
      params: test.params,
      query: { operation: 'updateAccount' },
    });
    const exported = JSON.parse(file.trim());
    expect(got.message).toEqual({ type: 'updateAccount', timestamp: exported.at, data: exported });
    expect(got.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Estover/0.0.0-test',
      'webhook-id': exported.eventId,
      'webhook-timestamp': String(Math.floor(test.server.clock.now().epochMilliseconds / 1000)),
    });
    expect(conforms(made.secret as string, got)).toBe(true);
    expect(conforms(made.secret as string, { ...got, body: got.body.replace('AG', 'AB') })).toBe(false);
    expect(await test.send()).toBe(0);
    expect(test.receiver.received).toHaveLength(1);
  });

  it('is signed with a key, whose public part is all that anybody needs', async () => {
    const made = await test.make();
    expect(made).toMatchObject({ secret: null, webhook: { publicKey: expect.stringMatching(/^whpk_/) } });
    await test.rename();
    await test.send();
    const [got] = test.receiver.received as [ReceivedWebhook];
    expect(isSignedBy(made.webhook.publicKey as string, got)).toBe(true);
    expect(isSignedBy(made.webhook.publicKey as string, { ...got, body: `${got.body} ` })).toBe(false);
  });

  it('has two signatures while a secret is changed, and one afterwards', async () => {
    const first = await test.make({ signing: 'hmac' });
    const second = await test.account.administrator.call(rotateWebhookSecret, {
      ...test.of(first),
      body: { overlapHours: 1 },
    });
    expect(second.secret).not.toBe(first.secret);
    expect(second.webhook.previousUntil).toBe(test.server.clock.now().add({ hours: 1 }).toString());
    await test.rename();
    await test.send();
    const [during] = test.receiver.received as [ReceivedWebhook];
    expect([first, second].map(({ secret }) => conforms(secret as string, during))).toEqual([true, true]);
    test.server.clock.advance({ hours: 1 });
    await test.rename();
    await test.send();
    const after = test.receiver.received[1] as ReceivedWebhook;
    expect([first, second].map(({ secret }) => conforms(secret as string, after))).toEqual([false, true]);
    expect((await test.stateOf(first))?.previousUntil).toBeNull();
  });

  it('comes without what was before and after where it is too long', async () => {
    await test.make({ events: { operations: ['importThings'], objectKinds: [] } });
    await test.server.db.transaction().execute((trx) =>
      recordEvents(trx, [
        {
          accountId: test.account.accountId,
          eventId: randomUUIDv7(),
          at: test.server.clock.now(),
          actor: { kind: 'system', id: null, name: 'Estover' },
          operation: 'importThings',
          message: 'imported things',
          objectKind: 'thing',
          objectId: 'x',
          after: { text: 'ä'.repeat(10_000) },
          from: null,
          requestId: null,
        },
      ]),
    );
    await test.send();
    const [got] = test.receiver.received as [ReceivedWebhook];
    expect(got.message.data).toMatchObject({
      before: null,
      after: null,
      shortened: true,
      message: 'imported things',
    });
    expect(Buffer.byteLength(got.body)).toBeLessThan(20_000);
  });
});

/** Whether the standard's own library takes it, with the time of the test's clock. */
function conforms(secret: string, { headers, body }: ReceivedWebhook): boolean {
  const realNow = Date.now;
  Date.now = () => test.server.clock.now().epochMilliseconds;
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  } finally {
    Date.now = realNow;
  }
}

describe('what is sent', () => {
  it('is what the webhook asks for: operations, kinds of objects, or everything since it was made', async () => {
    await test.rename();
    test.server.clock.advance({ seconds: 1 });
    const [operations, kinds, all] = [
      await test.make({
        events: { operations: ['updateVirtualAccount'], objectKinds: [] },
        url: `${test.receiver.url}?operations`,
      }),
      await test.make({
        events: { operations: [], objectKinds: ['account'] },
        url: `${test.receiver.url}?kinds`,
      }),
      await test.make({ events: { operations: [], objectKinds: [] }, url: `${test.receiver.url}?all` }),
    ];
    await test.rename();
    await test.account.administrator.call(updateVirtualAccount, {
      params: { ...test.params, virtualAccountId: test.account.defaultVirtualAccountId },
      body: { description: 'The first' },
    });
    await test.send();
    const got = (which: string) =>
      test.receiver.received
        .filter(({ path }) => path.endsWith(which))
        .map(({ message }) => message.type)
        .sort();
    expect(got('operations')).toEqual(['updateVirtualAccount']);
    expect(got('kinds')).toEqual(['updateAccount']);
    // Its own making is the last of three, all made at one instant of the test's clock.
    expect(got('all')).toEqual([
      'createWebhook',
      'createWebhook',
      'createWebhook',
      'updateAccount',
      'updateVirtualAccount',
    ]);
    expect([operations, kinds, all].map(({ webhook }) => webhook.state)).toEqual(['on', 'on', 'on']);
  });

  it('is never of a virtual account outside its scope, and half of what goes over its edge', async () => {
    const ids = await test.server.virtualAccounts(test.account, 'EMEA / Lyon', 'APAC');
    const id = (path: string) => ids[path] as string;
    test.server.clock.advance({ seconds: 1 });
    await test.make({
      events: { operations: ['transferLicenses'], objectKinds: [] },
      scope: { kind: 'virtual-accounts', virtualAccounts: [{ virtualAccountId: id('EMEA'), nested: true }] },
    });
    const write = (message: string, virtualAccountId: string | null, other: string | null = null) =>
      test.server.db.transaction().execute((trx) =>
        recordEvents(trx, [
          {
            accountId: test.account.accountId,
            eventId: randomUUIDv7(),
            at: test.server.clock.now(),
            actor: { kind: 'system', id: null, name: 'Estover' },
            operation: 'transferLicenses',
            message,
            objectKind: 'movement',
            objectId: 'x',
            virtualAccountId,
            otherVirtualAccountId: other,
            before: { secret: message },
            from: null,
            requestId: null,
          },
        ]),
      );
    await write('in Lyon', id('EMEA / Lyon'));
    await write('in APAC', id('APAC'));
    await write('of the account', null);
    await write('from Lyon to APAC', id('EMEA / Lyon'), id('APAC'));
    await test.send();
    const told = test.receiver.received.map(({ message: { data } }) => [data['message'], data['before']]);
    expect(told.sort()).toEqual([
      ['in Lyon', { secret: 'in Lyon' }],
      ['moved licenses between this virtual account and one you may not see', null],
    ]);
    expect(JSON.stringify(test.receiver.received)).not.toContain('APAC');
  });

  it('is nothing of another account', async () => {
    await test.make({ events: { operations: [], objectKinds: [] } });
    await test.send();
    test.receiver.received.length = 0;
    const other = await test.server.account(`Other ${randomUUIDv7()}`);
    await other.administrator.call(updateAccount, {
      params: { accountId: other.accountId },
      body: { name: 'Other AG' },
    });
    await test.send();
    expect(test.receiver.received).toEqual([]);
  });

  it('is every event once, while several servers change, seal and send', async () => {
    await test.make();
    const others = [test.another(), test.another()];
    const names = Array.from({ length: 40 }, (_, index) => `Name ${index}`);
    for (let first = 0; first < names.length; first += 8) {
      await Promise.all([
        ...names.slice(first, first + 8).map((name) => test.rename(name)),
        ...others.map((other) => other.sendDue()),
        sealEvents(test.server.db, test.server.clock.now()),
        test.send(),
      ]);
    }
    await test.send();
    const ids = test.receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
    await Promise.all(others.map((other) => other.close()));
  });

  it('is sent again under the same id when a server died over it', async () => {
    const made = await test.make();
    await test.rename();
    // A server that took it and was killed before it wrote what came of it.
    const dying = test.another({
      installation: {
        ...test.server.installation,
        open: () => {
          throw new Error('killed');
        },
      },
    });
    expect(await dying.sendDue()).toBe(0);
    expect(await test.send()).toBe(0);
    test.server.clock.advance({ minutes: 1 });
    expect(await test.send()).toBe(1);
    expect(await test.deliveries(made)).toMatchObject([{ state: 'delivered', tries: 2, status: 204 }]);
    await dying.close();
  });
});

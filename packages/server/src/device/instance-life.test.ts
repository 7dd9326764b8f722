import { createToken } from '@estover/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOf,
  checkLedgerLaws,
  codeOf,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestDevice,
  type TestServer,
  testDevice,
} from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;
let europe: string;
let catalog: SeededCatalog;
let token: string;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account();
  europe = (await server.virtualAccounts(account, 'Europe'))['Europe'] as string;
  catalog = await seedCatalog(server);
  await deliver(server, account, { tag: catalog.security, quantity: 5, virtualAccount: 'Europe' });
  token = await newToken();
});
afterEach(() => server.clock.set('2026-11-22T12:00:00Z'));
afterAll(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
  await server.close();
});

const newToken = async (): Promise<string> => {
  const { secret } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: europe },
    body: {},
  });
  return secret;
};

const registered = async (): Promise<TestDevice> => {
  const device = await testDevice(server);
  answerOf(await device.register(token));
  return device;
};

const instanceOf = (device: TestDevice) =>
  server.db
    .selectFrom('product_instances')
    .innerJoin('instance_contacts as contact', 'contact.instance_id', 'product_instances.instance_id')
    .selectAll()
    .where('product_instances.instance_id', '=', device.key?.instanceId ?? '')
    .executeTakeFirstOrThrow();

const openAlerts = async (device: TestDevice): Promise<string[]> =>
  (
    await server.db
      .selectFrom('alerts')
      .select(['kind', 'severity'])
      .where('instance_id', '=', device.key?.instanceId ?? '')
      .where('resolved_at', 'is', null)
      .execute()
  ).map(({ kind, severity }) => `${severity} ${kind}`);

describe('a sequence number that goes back', () => {
  const policy = (sequence_policy: string) =>
    server.db
      .updateTable('accounts')
      .set({ sequence_policy })
      .where('account_id', '=', account.accountId)
      .execute();

  it('is answered and alerted, and the answer says where to go on', async () => {
    const device = await registered();
    answerOf(await device.authorize([], { sequence: 40 }));
    const answer = answerOf(await device.authorize([], { sequence: 7 }));
    expect(answer.lastSequence).toBe(40);
    expect(await openAlerts(device)).toEqual(['minor duplicate-instance']);
    answerOf(await device.deregister({ sequence: 41 }));
    expect(await openAlerts(device)).toEqual([]);
  });

  it('is refused, proven, where the account wants that', async () => {
    await policy('refuse');
    const device = await registered();
    answerOf(await device.authorize([], { sequence: 40 }));
    const reply = await device.authorize([{ tag: catalog.security, count: 1 }], { sequence: 40 });
    expect(reply).toMatchObject({ status: 409, proof: { code: 'sequence-regressed', lastSequence: 40 } });
    // Who refuses a copy wants to know of it as much as who only flags it.
    expect(await openAlerts(device)).toEqual(['minor duplicate-instance']);
    expect(codeOf(await device.renew({ sequence: 3 }))).toBe('sequence-regressed');
    expect(codeOf(await device.deregister({ sequence: 3 }))).toBe('sequence-regressed');
    expect(codeOf(await device.authorize([], { sequence: 41 }))).toBe('answered');
    await policy('flag');
  });

  it('is alerted when a message that is rare is refused for it', async () => {
    await policy('refuse');
    const device = await registered();
    answerOf(await device.authorize([], { sequence: 40 }));
    expect(codeOf(await device.renew({ sequence: 3 }))).toBe('sequence-regressed');
    expect(await openAlerts(device)).toEqual(['minor duplicate-instance']);
    expect(await instanceOf(device)).toMatchObject({ last_sequence: 40 });
    await policy('flag');
  });
});

it('is refused from a clock more than an hour away, and nothing is changed', async () => {
  const device = await registered();
  const reply = await device.authorize([{ tag: catalog.security, count: 1 }], {
    sentAt: '2026-11-22T10:59:59Z',
  });
  expect(reply).toMatchObject({
    status: 422,
    proof: { code: 'clock-skew', differenceSeconds: -3601, serverTime: '2026-11-22T12:00:00Z' },
  });
  expect((await instanceOf(device)).last_sequence).toBe(1);
});

it('of an account that is not active is refused, but it may leave', async () => {
  const device = await registered();
  const status = (value: string) =>
    server.db
      .updateTable('accounts')
      .set({ status: value })
      .where('account_id', '=', account.accountId)
      .execute();
  await status('suspended');
  const reply = await device.authorize([]);
  expect(reply).toMatchObject({ status: 403, proof: { code: 'account-not-active' } });
  answerOf(await device.deregister());
  await status('active');
});

describe('an instance that leaves', () => {
  it('gets a receipt, gives back what it used, and gets the same receipt again', async () => {
    const device = await registered();
    answerOf(await device.authorize([{ tag: catalog.security, count: 2 }]));
    const payload = device.common();
    const document = device.write('deregister', payload);
    const first = answerOf(await device.send('deregister', document, payload.messageId));
    expect(first.receipt).not.toBe('');
    expect(answerOf(await device.send('deregister', document, payload.messageId))).toEqual({
      ...first,
      replayed: true,
    });
    expect(await instanceOf(device)).toMatchObject({ state: 'deregistered' });
    const reply = await device.authorize([]);
    expect(reply).toMatchObject({
      status: 410,
      proof: { code: 'instance-removed', instanceId: device.key?.instanceId },
    });
    const after = await registered();
    expect(after.key?.instanceId).not.toBe(device.key?.instanceId);
  });
});

describe('a renewal', () => {
  it('brings a certificate for another year; the old one is good until the new one has signed', async () => {
    const device = await registered();
    const old = { keys: device.keys, key: device.key };
    server.clock.advance({ hours: 24 * 200 });
    const answer = answerOf(await device.renew());
    expect(answer.certificateExpiresAt).toBe('2028-06-09T12:00:00Z');
    const renewed = { keys: device.keys, key: device.key };
    Object.assign(device, old);
    expect(codeOf(await device.authorize([]))).toBe('answered');
    Object.assign(device, renewed);
    expect(codeOf(await device.authorize([]))).toBe('answered');
    Object.assign(device, old);
    const ended = await device.authorize([]);
    expect(ended).toMatchObject({ status: 401, problem: { code: 'certificate-unknown' }, proof: undefined });
    Object.assign(device, renewed);
    expect(codeOf(await device.authorize([]))).toBe('answered');
  });

  it('whose certificate is in use ends the old one for repeats too, though the server still knows its key', async () => {
    const device = await registered();
    const old = { keys: device.keys, key: device.key };
    const payload = { ...device.common(), usage: [] };
    const report = device.write('authorize', payload);
    const repeat = () => device.send('authorize', report, payload.messageId);
    expect(codeOf(await repeat())).toBe('answered');
    answerOf(await device.renew());
    const renewed = { keys: device.keys, key: device.key };
    Object.assign(device, old);
    expect(codeOf(await repeat())).toBe('answered');
    Object.assign(device, renewed);
    expect(codeOf(await device.authorize([]))).toBe('answered');
    Object.assign(device, old);
    expect(codeOf(await repeat())).toBe('certificate-unknown');
  });

  it('whose answer is lost, again and again, locks nobody out before the old certificate ends', async () => {
    const device = await registered();
    const old = { keys: device.keys, key: device.key };
    server.clock.advance({ hours: 24 * 200 });
    for (let lost = 0; lost < 3; lost++) {
      answerOf(await device.renew());
      Object.assign(device, old);
      expect(codeOf(await device.authorize([]))).toBe('answered');
    }
    server.clock.advance({ hours: 24 * 165 });
    expect(await device.authorize([])).toMatchObject({ status: 401, proof: { code: 'certificate-ended' } });
  });

  it('that arrives after lost ones counts, and a lost one after that does no harm', async () => {
    const device = await registered();
    const first = { keys: device.keys, key: device.key };
    answerOf(await device.renew());
    Object.assign(device, first);
    answerOf(await device.renew());
    expect(codeOf(await device.authorize([]))).toBe('answered');
    const second = { keys: device.keys, key: device.key };
    answerOf(await device.renew());
    Object.assign(device, second);
    answerOf(await device.renew());
    expect(codeOf(await device.authorize([]))).toBe('answered');
    Object.assign(device, second);
    expect(codeOf(await device.authorize([]))).toBe('certificate-unknown');
  });

  it('sent again brings the same certificate', async () => {
    const device = await registered();
    const spare = await testDevice(server);
    const { certificateRequest } = JSON.parse(
      Buffer.from((await spare.writeRegistration(token)).split('.')[1] ?? '', 'base64url').toString(),
    );
    const payload = { ...device.common(), certificateRequest };
    const document = device.write('renew-certificate', payload);
    const first = answerOf(await device.send('renew-certificate', document, payload.messageId));
    const second = answerOf(await device.send('renew-certificate', document, payload.messageId));
    expect(second).toEqual({ ...first, replayed: true });
  });

  it('with a bad certificate request is refused', async () => {
    const device = await registered();
    expect(await device.renew({ certificateRequest: 'AAAA' })).toMatchObject({
      status: 400,
      proof: { code: 'certificate-request-invalid' },
    });
    expect(codeOf(await device.authorize([]))).toBe('answered');
  });
});

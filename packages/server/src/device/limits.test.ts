import { randomUUID } from 'node:crypto';
import { createToken } from '@estover/protocol';
import { deviceMessages } from '@estover/protocol/device';
import { largestAnswer, largestRequest, readCertificate } from '@estover/protocol/signing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOf,
  checkLedgerLaws,
  codeOf,
  deliver,
  messageIdOf,
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
let catalog: SeededCatalog;
let token: string;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account();
  catalog = await seedCatalog(server);
  await deliver(server, account, { tag: catalog.security, quantity: 1 });
  const made = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
    body: {},
  });
  token = made.secret;
});
afterAll(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
  await server.close();
});

const registered = async (): Promise<TestDevice> => {
  const device = await testDevice(server);
  answerOf(await device.register(token));
  return device;
};

const post = async (kind: 'register' | 'authorize', document: string, type = 'application/jose') => {
  const response = await fetch(new URL(deviceMessages[kind].path, server.address), {
    method: 'POST',
    headers: { 'content-type': type },
    body: document,
  });
  return { status: response.status, text: await response.text() };
};

describe('the largest message', () => {
  /** The longest name a license can have, in a script that takes many bytes. */
  const name = '許'.repeat(120);
  const usageOf = (length: number) =>
    Array.from({ length: 200 }, (_, index) => ({
      tag: `${index} `.padEnd(length, 'x'),
      count: 1_000_000_000,
    }));

  const know = async (length: number): Promise<void> => {
    const licenses = usageOf(length).map(({ tag }) => ({
      license_id: randomUUID(),
      tag,
      name,
      description: '',
      family: 'Network',
      version: '1.0',
      enforcement: 'unenforced' as const,
      metric: 'devices',
      overage: JSON.stringify({ kind: 'none' }),
      created_at: server.clock.now(),
    }));
    await server.db.insertInto('licenses').values(licenses).execute();
  };

  /** The longest tags with which the document is still short enough, and the document. */
  const longest = async (write: (usage: ReturnType<typeof usageOf>) => Promise<string>) => {
    for (let length = 255; length > 0; length -= 1) {
      const document = await write(usageOf(length));
      if (document.length <= largestRequest) return { length, document };
    }
    throw new Error('no document is short enough');
  };

  it('of use gets an answer that its reader may take', async () => {
    const device = await registered();
    const common = device.common();
    const { length, document } = await longest(async (usage) =>
      device.write('authorize', { ...common, usage }),
    );
    expect(length).toBeGreaterThan(200);
    await know(length);
    const reply = await post('authorize', document);
    expect(reply.status).toBe(200);
    expect(reply.text.length).toBeGreaterThan(largestRequest);
    expect(reply.text.length).toBeLessThanOrEqual(largestAnswer);
    // The device verifies it, with the limit, as every instance does.
    const { authorization } = answerOf(await device.send('authorize', document, common.messageId));
    expect(authorization.licenses).toHaveLength(200);
    expect(authorization.licenses.every((license) => license.name === name)).toBe(true);

    const tooLong = device.write('authorize', { ...device.common(), usage: usageOf(length + 1) });
    expect(await post('authorize', tooLong)).toMatchObject({ status: 400 });
    answerOf(await device.deregister());
  });

  it('that registers gets one, too', async () => {
    const device = await testDevice(server);
    const { length, document } = await longest((usage) => device.writeRegistration(token, { usage }));
    await know(length);
    const reply = await post('register', document);
    expect(reply.status).toBe(200);
    expect(reply.text.length).toBeLessThanOrEqual(largestAnswer);
    const { authorization } = answerOf(await device.send('register', document, messageIdOf(document)));
    expect(authorization.licenses).toHaveLength(200);
  });

  it('that is wrong everywhere gets a problem of bounded length', async () => {
    const device = await registered();
    const usage = Array.from({ length: 200 }, () => ({ tag: '', count: -1, note: 'x'.repeat(150) }));
    const reply = await post('authorize', device.write('authorize', { ...device.common(), usage }));
    expect(reply.status).toBe(400);
    const problem = JSON.parse(reply.text);
    expect(problem).toMatchObject({ code: 'document-malformed' });
    expect(problem.errors).toHaveLength(20);
    expect(reply.text.length).toBeLessThan(20_000);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-11-22T12:00:00.123456789012Z', 'document-malformed'],
    ['2026-11-22T12:00:00.Z', 'document-malformed'],
    ['2026-02-30T12:00:00Z', 'document-malformed'],
    ['2026-11-22T12:00:60Z', 'document-malformed'],
    ['2026-11-22T12:00Z', 'document-malformed'],
    ['0000-01-01T00:00:00Z', 'clock-skew'],
    ['9999-12-31T23:59:59.999999999Z', 'clock-skew'],
    ['2026-11-22T12:00:00.123456789Z', 'answered'],
  ])('%s: %s', async (sentAt, code) => {
    const device = await registered();
    expect(codeOf(await device.authorize([], { sentAt }))).toBe(code);
    const other = await testDevice(server);
    expect(codeOf(await other.register(token, { sentAt }))).toBe(code);
  });
});

it('a tag with count 0 is not in use and in compliance, to whoever registers and whoever reports', async () => {
  const short = await registered();
  const { authorization } = answerOf(await short.authorize([{ tag: catalog.security, count: 2 }]));
  expect(authorization.state).toBe('out-of-compliance');
  const usage = [
    { tag: catalog.security, count: 0 },
    { tag: 'nobody knows it', count: 0 },
    { tag: catalog.encryption, count: 0 },
  ];
  const expected = {
    state: 'no-licenses-in-use',
    licenses: [
      { tag: catalog.security, count: 0, state: 'in-compliance' },
      { tag: 'nobody knows it', count: 0, state: 'invalid-tag' },
      { tag: catalog.encryption, count: 0, state: 'disabled' },
    ],
    nextContactSeconds: 2_592_000,
  };
  const device = await testDevice(server);
  expect(answerOf(await device.register(token, { usage })).authorization).toMatchObject(expected);
  expect(answerOf(await device.authorize(usage)).authorization).toMatchObject(expected);
  answerOf(await short.deregister());
});

it('parameters of the content type are set aside', async () => {
  const device = await registered();
  for (const type of ['application/jose; charset=utf-8', 'Application/JOSE;x=y']) {
    const document = device.write('authorize', { ...device.common(), usage: [] });
    expect(await post('authorize', document, type)).toMatchObject({ status: 200 });
  }
});

it('a registration that comes again after its end gets the answer that it got', async () => {
  const device = await testDevice(server);
  const document = await device.writeRegistration(token);
  const first = answerOf(await device.send('register', document, messageIdOf(document)));
  const { accountId, instanceId, certificate } = first;
  const certificateSerial = readCertificate(Buffer.from(certificate, 'base64')).serial;
  device.key = { accountId, instanceId, certificateSerial };
  answerOf(await device.deregister());
  const again = answerOf(await device.send('register', document, messageIdOf(document)));
  expect(again).toEqual({ ...first, replayed: true });
});

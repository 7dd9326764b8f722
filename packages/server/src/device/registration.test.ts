import { randomUUID } from 'node:crypto';
import { createToken, revokeToken } from '@estover/protocol';
import { formatSecret } from '@estover/protocol/secrets';
import { createCertificateRequest, generateKeyPair, readCertificate } from '@estover/protocol/signing';
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
  type TestServer,
  testDevice,
} from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;
let places: Record<string, string>;
let catalog: SeededCatalog;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account();
  places = await server.virtualAccounts(account, 'Europe', 'Asia');
  catalog = await seedCatalog(server);
  await deliver(server, account, { tag: catalog.security, quantity: 10, virtualAccount: 'Europe' });
});
afterAll(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
  await server.close();
});

const tokenOf = async (virtualAccount: string, more: object = {}) => {
  const { secret, token } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: places[virtualAccount] as string },
    body: { ...more },
  });
  return { secret, tokenId: token.tokenId };
};
const usesOf = async (tokenId: string): Promise<number> =>
  (
    await server.db
      .selectFrom('registration_tokens')
      .select('uses')
      .where('token_id', '=', tokenId)
      .executeTakeFirstOrThrow()
  ).uses;

describe('a registration', () => {
  it('brings a certificate for a year and the first authorization', async () => {
    const { secret, tokenId } = await tokenOf('Europe');
    const device = await testDevice(server, { hostName: 'edge-1' });
    const answer = answerOf(await device.register(secret, { usage: [{ tag: catalog.security, count: 2 }] }));
    expect(answer).toMatchObject({
      accountId: account.accountId,
      accountName: 'Northwind Rail',
      virtualAccountName: 'Europe',
      exportControlledAllowed: false,
      lastSequence: 1,
      certificateExpiresAt: '2027-11-22T12:00:00Z',
      renewAfter: '2027-05-21T12:00:00Z',
      authorization: {
        state: 'authorized',
        licenses: [{ tag: catalog.security, count: 2, state: 'in-compliance', name: 'Branch Security' }],
        nextContactSeconds: 2_592_000,
        deadlineAt: '2027-02-20T12:00:00Z',
      },
    });
    expect(answer.replayed).toBeUndefined();
    const facts = readCertificate(Buffer.from(answer.certificate, 'base64'));
    expect(facts.publicKey.equals(device.keys.publicKey)).toBe(true);
    expect(facts.notAfter.toString()).toBe('2027-11-22T12:00:00Z');
    expect(await usesOf(tokenId)).toBe(1);
    const events = await server.db
      .selectFrom('events')
      .select(['operation', 'actor_kind', 'actor_name'])
      .where('object_id', '=', answer.instanceId)
      .execute();
    expect(events).toEqual([
      { operation: 'registerProductInstance', actor_kind: 'product-instance', actor_name: 'edge-1' },
    ]);
  });

  it('sent again gets the same answer, and takes no second use, even when the token has ended', async () => {
    const { secret, tokenId } = await tokenOf('Europe', { maximumUses: 1 });
    const device = await testDevice(server);
    const document = await device.writeRegistration(secret);
    const first = answerOf(await device.send('register', document, messageIdOf(document)));
    const second = answerOf(await device.send('register', document, messageIdOf(document)));
    expect(second).toEqual({ ...first, replayed: true });
    expect(await usesOf(tokenId)).toBe(1);
  });

  it('with the id of another message is refused, and says what differs', async () => {
    const { secret } = await tokenOf('Europe');
    const device = await testDevice(server);
    const messageId = randomUUID();
    answerOf(await device.register(secret, { messageId, sequence: 1 }));
    const other = await device.writeRegistration(secret, { messageId, sequence: 1, force: true });
    const reply = await device.send('register', other, messageId);
    expect(reply).toMatchObject({ status: 409, problem: { code: 'message-id-reused' } });
    expect(reply.ok || reply.problem.field).toMatch(/^(certificateRequest|force)$/);
    const { secret: another } = await tokenOf('Europe');
    const third = await device.writeRegistration(another, { messageId, sequence: 1 });
    expect(codeOf(await device.send('register', third, messageId))).toBe('message-id-reused');
  });

  it('keeps no token that could be used', async () => {
    const { secret } = await tokenOf('Europe');
    answerOf(await (await testDevice(server)).register(secret));
    for (const table of ['registration_tokens', 'device_messages', 'events'] as const) {
      const rows = await server.db.selectFrom(table).selectAll().execute();
      expect(JSON.stringify(rows)).not.toContain(secret);
    }
  });
});

describe('a token', () => {
  it.each<[string, () => Promise<string> | string, string]>([
    [
      'with a typing error',
      async () => `${(await tokenOf('Europe')).secret.slice(0, -1)}!`,
      'token-malformed',
    ],
    ['of another kind', () => formatSecret('esak_', account.accountId, Buffer.alloc(20)), 'token-unknown'],
    ['that nobody made', () => formatSecret('esrt_', account.accountId, Buffer.alloc(20)), 'token-unknown'],
    [
      'of an account that is none',
      () => formatSecret('esrt_', randomUUID(), Buffer.alloc(20)),
      'token-unknown',
    ],
    [
      'from an address it is not for',
      async () => (await tokenOf('Europe', { addressRange: '10.0.0.0/8' })).secret,
      'token-elsewhere',
    ],
  ])('%s registers nobody', async (_, secret, code) => {
    const reply = await (await testDevice(server)).register(await secret());
    expect(reply).toMatchObject({ ok: false, status: 422, problem: { code }, proof: undefined });
  });

  it('registers from its address range', async () => {
    const { secret } = await tokenOf('Europe', { addressRange: '127.0.0.0/8' });
    expect(codeOf(await (await testDevice(server)).register(secret))).toBe('answered');
  });

  it('with no uses left, revoked or expired registers nobody, and each says so', async () => {
    const used = await tokenOf('Europe', { maximumUses: 2 });
    answerOf(await (await testDevice(server)).register(used.secret));
    answerOf(await (await testDevice(server)).register(used.secret));
    const third = await (await testDevice(server)).register(used.secret);
    expect(third).toMatchObject({
      problem: { code: 'token-used-up', detail: expect.stringContaining('2 uses') },
    });

    const revoked = await tokenOf('Europe');
    await account.administrator.call(revokeToken, {
      params: { accountId: account.accountId, tokenId: revoked.tokenId },
    });
    expect(codeOf(await (await testDevice(server)).register(revoked.secret))).toBe('token-revoked');

    const expiring = await tokenOf('Europe', { expiresInDays: 1 });
    server.clock.advance({ hours: 24 });
    expect(codeOf(await (await testDevice(server)).register(expiring.secret))).toBe('token-expired');
    server.clock.set('2026-11-22T12:00:00Z');
  });

  it('of an account that is not active registers nobody', async () => {
    const { secret } = await tokenOf('Europe');
    const where = (status: string) =>
      server.db.updateTable('accounts').set({ status }).where('account_id', '=', account.accountId).execute();
    await where('suspended');
    const reply = await (await testDevice(server)).register(secret);
    await where('active');
    expect(reply).toMatchObject({ status: 403, problem: { code: 'account-not-active' } });
  });
});

it('is refused from a clock that is more than an hour away, with the difference', async () => {
  const { secret, tokenId } = await tokenOf('Europe');
  const device = await testDevice(server);
  const reply = await device.register(secret, { sentAt: '2026-11-22T13:00:01Z' });
  expect(reply).toMatchObject({
    status: 422,
    problem: { code: 'clock-skew', differenceSeconds: 3601, serverTime: '2026-11-22T12:00:00Z' },
  });
  expect(await usesOf(tokenId)).toBe(0);
  answerOf(await device.register(secret, { sentAt: '2026-11-22T13:00:00Z' }));
  answerOf(await (await testDevice(server)).register(secret, { sentAt: '2026-11-22T11:00:00Z' }));
});

it('that was not signed by the key it brings is refused', async () => {
  const { secret, tokenId } = await tokenOf('Europe');
  const device = await testDevice(server);
  const foreign = await createCertificateRequest(generateKeyPair(), 'X');
  const reply = await device.register(secret, {
    certificateRequest: Buffer.from(foreign).toString('base64'),
  });
  expect(reply).toMatchObject({ status: 401, problem: { code: 'signature-invalid' } });
  const nonsense = await device.register(secret, { certificateRequest: 'AAAA' });
  expect(nonsense).toMatchObject({ status: 400, problem: { code: 'certificate-request-invalid' } });
  expect(await usesOf(tokenId)).toBe(0);
});

describe('the same product id and serial number again', () => {
  it('is refused without force, and replaces with it', async () => {
    const { secret, tokenId } = await tokenOf('Europe');
    const first = await testDevice(server, { serialNumber: 'SN-AGAIN' });
    const { instanceId } = answerOf(
      await first.register(secret, { usage: [{ tag: catalog.security, count: 1 }] }),
    );
    const second = await testDevice(server, { serialNumber: 'SN-AGAIN' });
    const refused = await second.register(secret);
    expect(refused).toMatchObject({ status: 409, problem: { code: 'already-registered', instanceId } });
    expect(await usesOf(tokenId)).toBe(1);

    answerOf(await second.register(secret, { force: true }));
    const told = await first.authorize([]);
    expect(told).toMatchObject({ status: 410, proof: { code: 'instance-removed', instanceId } });
    expect(await openAlerts(second.key?.instanceId)).toEqual([]);
    const changes = await server.db
      .selectFrom('usage_changes')
      .select(['from_count', 'to_count', 'reason'])
      .where('instance_id', '=', instanceId)
      .orderBy('change_id')
      .execute();
    expect(changes).toEqual([
      { from_count: 0, to_count: 1, reason: 'registered' },
      { from_count: 1, to_count: 0, reason: 'replaced' },
    ]);
  });

  it('in another virtual account is replaced with force and alerted as a duplicate', async () => {
    const here = await tokenOf('Europe');
    const there = await tokenOf('Asia');
    const first = await testDevice(server, { serialNumber: 'SN-TWICE' });
    answerOf(await first.register(here.secret));
    const second = await testDevice(server, { serialNumber: 'SN-TWICE' });
    expect(codeOf(await second.register(there.secret))).toBe('already-registered');
    answerOf(await second.register(there.secret, { force: true }));
    expect(await openAlerts(second.key?.instanceId)).toEqual(['minor duplicate-instance']);
    answerOf(await second.deregister());
    expect(await openAlerts(second.key?.instanceId)).toEqual([]);
  });
});

async function openAlerts(instanceId: string | undefined): Promise<string[]> {
  const rows = await server.db
    .selectFrom('alerts')
    .select(['kind', 'severity'])
    .where('instance_id', '=', instanceId ?? null)
    .where('resolved_at', 'is', null)
    .execute();
  return rows.map(({ kind, severity }) => `${severity} ${kind}`);
}

it('answers no more guesses that come at once than those that come one by one', async () => {
  const guessed = await startTestServer();
  const { accountId } = await guessed.account();
  const devices = await Promise.all([...Array(60).keys()].map(() => testDevice(guessed)));
  const replies = await Promise.all(
    devices.map((device, guess) =>
      device.register(formatSecret('esrt_', accountId, Buffer.alloc(20, guess))),
    ),
  );
  const codes = replies.map(codeOf);
  expect(codes.filter((code) => code === 'token-unknown')).toHaveLength(30);
  expect(codes.filter((code) => code === 'rate-limited')).toHaveLength(30);
  await guessed.close();
});

it('answers nobody who guesses tokens any more', async () => {
  const guessed = await startTestServer();
  const { accountId } = await guessed.account();
  const codes: string[] = [];
  let retryAfter: string | null = null;
  for (let guess = 0; guess < 32; guess++) {
    const reply = await (await testDevice(guessed)).register(
      formatSecret('esrt_', accountId, Buffer.alloc(20, guess)),
    );
    codes.push(codeOf(reply));
    if (!reply.ok) retryAfter = reply.retryAfter;
  }
  expect(codes.filter((code) => code === 'token-unknown')).toHaveLength(30);
  expect(codes.slice(30)).toEqual(['rate-limited', 'rate-limited']);
  expect(retryAfter).toBe('600');
  guessed.clock.advance({ minutes: 10 });
  const later = await (await testDevice(guessed)).register(
    formatSecret('esrt_', accountId, Buffer.alloc(20)),
  );
  expect(codeOf(later)).toBe('token-unknown');
  await guessed.close();
});

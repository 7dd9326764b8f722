import { randomUUIDv7 } from 'node:crypto';
import { createToken, getProductInstance, listProductInstances } from '@estover/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { purgeIdempotencyKeys } from '../edge/idempotency.ts';
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
import {
  purgeDeviceMessages,
  runAuthorizationExpiries,
  runCertificateEnds,
  runOverdueAlerts,
  runRenewalAlerts,
} from './index.ts';

let server: TestServer;
let account: SeededAccount;
let catalog: SeededCatalog;
let token: string;

beforeEach(async () => {
  server = await startTestServer();
  account = await server.account();
  catalog = await seedCatalog(server);
  await deliver(server, account, { tag: catalog.security, quantity: 5 });
  const { secret } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
    body: { expiresInDays: 365 },
  });
  token = secret;
});
afterEach(async () => {
  expect(await checkLedgerLaws(server.db)).toEqual([]);
  await server.close();
});

const registered = async (): Promise<TestDevice> => {
  const device = await testDevice(server);
  answerOf(await device.register(token, { usage: [{ tag: catalog.security, count: 2 }] }));
  return device;
};
const job = (run: typeof runAuthorizationExpiries) =>
  run(server.db, server.clock.now(), () => randomUUIDv7());
/** On three servers at once; the sum is what was done in all. */
const jobThrice = async (run: typeof runAuthorizationExpiries) =>
  (await Promise.all([job(run), job(run), job(run)])).reduce((sum, count) => sum + count, 0);

const seen = async (device: TestDevice) =>
  account.administrator.call(getProductInstance, {
    params: { accountId: account.accountId, instanceId: device.key?.instanceId ?? '' },
  });
const alerts = async () =>
  server.db
    .selectFrom('alerts')
    .select(['kind', 'severity', 'instance_id'])
    .where('resolved_at', 'is', null)
    .where('instance_id', 'is not', null)
    .orderBy('alert_id')
    .execute();
const inUse = async (): Promise<number> => {
  const rows = await server.db.selectFrom('pools').select('in_use').execute();
  return rows.reduce((sum, row) => sum + row.in_use, 0);
};

describe('silence', () => {
  it('is told a day after the instance was expected, and told no more once it reports', async () => {
    const device = await registered();
    server.clock.advance({ hours: 24 * 31 - 1 });
    expect(await job(runOverdueAlerts)).toBe(0);
    server.clock.advance({ hours: 1 });
    expect(await jobThrice(runOverdueAlerts)).toBeGreaterThanOrEqual(1);
    expect(await job(runOverdueAlerts)).toBe(0);
    expect(await alerts()).toEqual([
      { kind: 'instance-failed-to-connect', severity: 'minor', instance_id: device.key?.instanceId },
    ]);
    expect((await seen(device)).productInstance.openAlerts).toBe(1);
    answerOf(await device.authorize([]));
    expect(await alerts()).toEqual([]);
  });

  it('of 90 days releases what was used, once, and the instance is authorized again when it reports', async () => {
    const device = await registered();
    const other = await registered();
    server.clock.advance({ hours: 24 * 80 });
    answerOf(await other.authorize([{ tag: catalog.security, count: 2 }]));
    server.clock.advance({ hours: 24 * 10 - 1 });
    expect(await job(runAuthorizationExpiries)).toBe(0);
    server.clock.advance({ hours: 1 });
    expect(await jobThrice(runAuthorizationExpiries)).toBe(1);
    expect(await job(runAuthorizationExpiries)).toBe(0);
    expect(await inUse()).toBe(2);
    expect(await alerts()).toEqual([
      { kind: 'instance-failed-to-connect', severity: 'major', instance_id: device.key?.instanceId },
    ]);
    const silent = await seen(device);
    expect(silent.productInstance).toMatchObject({
      state: 'authorization-expired',
      authorization: 'authorization-expired',
      usage: [{ tag: catalog.security, count: 0, state: 'authorization-expired' }],
      openAlerts: 1,
    });
    expect(silent.usageChanges[0]).toMatchObject({ from: 2, to: 0, reason: 'silent' });
    expect(silent.events.map((event) => event.operation)).toEqual([
      'expireAuthorization',
      'registerProductInstance',
    ]);

    const { authorization } = answerOf(await device.authorize([{ tag: catalog.security, count: 2 }]));
    expect(authorization.state).toBe('authorized');
    expect(await inUse()).toBe(4);
    expect(await alerts()).toEqual([]);
    expect((await seen(device)).productInstance).toMatchObject({ state: 'registered', openAlerts: 0 });
  });

  it('of hundreds is worked off in batches', async () => {
    const first = await registered();
    // Copies of one row: only their number matters here.
    for (const table of ['product_instances', 'instance_contacts'] as const) {
      const [found] = await server.db.selectFrom(table).selectAll().execute();
      if (found === undefined) throw new Error('there is no instance');
      // The database makes this one itself.
      const row = Object.fromEntries(
        Object.entries(found).filter(([name]) => name !== 'deadline_day'),
      ) as Omit<typeof found, 'deadline_day'>;
      const copies = Array.from({ length: 450 }, (_, index) => ({
        ...row,
        instance_id: `0193c5a0-0000-7000-8000-${String(index).padStart(12, '0')}`,
        ...(table === 'product_instances' ? { serial_number: `COPY-${index}`, token_id: null } : {}),
      }));
      await server.db.insertInto(table).values(copies).execute();
    }
    server.clock.advance({ hours: 24 * 90 });
    expect(await jobThrice(runAuthorizationExpiries)).toBe(451);
    expect((await seen(first)).productInstance.state).toBe('authorization-expired');
    const list = await account.administrator.call(listProductInstances, {
      params: { accountId: account.accountId },
      query: { state: 'authorization-expired', limit: 1 },
    });
    expect(list.total).toBe(451);
  });
});

describe('a certificate', () => {
  it('that is not renewed is told 30 days late and again, as major, 7 days before its end', async () => {
    const device = await registered();
    const reportAfter = async (days: number) => {
      server.clock.advance({ hours: 24 * days });
      answerOf(await device.authorize([]));
      await jobThrice(runRenewalAlerts);
      return (await alerts()).map(({ kind, severity }) => `${kind} ${severity}`);
    };
    for (const days of [80, 80, 49]) expect(await reportAfter(days)).toEqual([]);
    expect(await reportAfter(1)).toEqual(['instance-failed-to-renew minor']);
    expect(await reportAfter(80)).toEqual(['instance-failed-to-renew minor']);
    expect(await reportAfter(67)).toEqual(['instance-failed-to-renew minor']);
    expect(await reportAfter(1)).toEqual(['instance-failed-to-renew major']);
    answerOf(await device.renew());
    expect(await alerts()).toEqual([]);
    await job(runRenewalAlerts);
    expect(await alerts()).toEqual([]);
  });

  it('that ended ends the registration, and the instance is told so with a proof', async () => {
    const device = await registered();
    for (const days of [80, 80, 80, 80]) {
      server.clock.advance({ hours: 24 * days });
      answerOf(await device.authorize([{ tag: catalog.security, count: 1 }]));
    }
    server.clock.advance({ hours: 24 * 45 - 1 });
    expect(await job(runCertificateEnds)).toBe(0);
    server.clock.advance({ hours: 1 });
    expect(await jobThrice(runCertificateEnds)).toBe(1);
    expect(await job(runCertificateEnds)).toBe(0);
    expect(await inUse()).toBe(0);
    expect(await device.authorize([])).toMatchObject({ status: 401, proof: { code: 'certificate-ended' } });
    expect((await seen(device)).productInstance).toMatchObject({ state: 'certificate-ended', usage: [] });
    const again = await testDevice(server, { serialNumber: device.serialNumber });
    const { secret } = await account.administrator.call(createToken, {
      params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
      body: {},
    });
    expect(codeOf(await again.register(secret))).toBe('answered');
  });
});

it('answers are kept for 30 days and then purged', async () => {
  const device = await registered();
  answerOf(await device.authorize([]));
  await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId },
    body: {},
    idempotencyKey: 'once',
  });
  const keys = async () => (await server.db.selectFrom('idempotency_keys').select('key').execute()).length;
  const before = await keys();
  expect(before).toBeGreaterThan(0);
  server.clock.advance({ hours: 24 * 30 });
  expect(await purgeDeviceMessages(server.db, server.clock.now())).toBe(0);
  expect(await purgeIdempotencyKeys(server.db, server.clock.now())).toBe(0);
  server.clock.advance({ hours: 1 });
  expect(await purgeDeviceMessages(server.db, server.clock.now())).toBe(2);
  expect(await purgeIdempotencyKeys(server.db, server.clock.now())).toBe(before);
});

import { randomUUIDv7 } from 'node:crypto';
import { listAlerts, snoozeAlert, transferLicenses } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { deliver, type SeededCatalog, seedCatalog } from '../testing/seed-catalog.ts';
import { useLicenses } from '../testing/use-licenses.ts';
import { runTermAlerts } from './term-alerts-job.ts';

let server: TestServer;
let catalog: SeededCatalog;
let seeded: Awaited<ReturnType<TestServer['account']>>;
let ids: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  server.clock.set('2026-11-22T12:00:00Z');
  seeded = await server.account(`Company ${randomUUIDv7()}`);
  ids = await server.virtualAccounts(seeded, 'EMEA / Lyon', 'EMEA / Madrid');
});

const place = (path: string): string => ids[path] as string;
const alerts = (query: Record<string, unknown> = {}) =>
  seeded.administrator.call(listAlerts, { params: { accountId: seeded.accountId }, query });
const runJob = () => runTermAlerts(server.db, server.clock.now(), () => randomUUIDv7());

async function shortInLyon(): Promise<void> {
  await deliver(server, seeded, { tag: catalog.security, quantity: 10, virtualAccount: 'EMEA / Lyon' });
  await deliver(server, seeded, { tag: catalog.security, quantity: 100, virtualAccount: 'EMEA / Madrid' });
  await useLicenses(server, {
    accountId: seeded.accountId,
    virtualAccountId: place('EMEA / Lyon'),
    counts: { [catalog.security]: 41 },
  });
}

describe('insufficient licenses', () => {
  it('opens with the change that causes it, offers the fix, and ends when the fix is applied', async () => {
    await shortInLyon();
    const { items, counts } = await alerts();
    expect(counts).toEqual({ major: 1, minor: 0, informational: 0 });
    expect(items).toMatchObject([
      {
        kind: 'insufficient-licenses',
        severity: 'major',
        message: 'Branch Security is short by 31 in EMEA / Lyon',
        detail: '41 in use, 10 available.',
        quantity: 31,
      },
    ]);
    const [fix] = items[0]?.fixes ?? [];
    if (fix?.kind !== 'transfer') throw new Error('no transfer is offered');
    expect(fix).toMatchObject({
      quantity: 31,
      keeps: 69,
      complete: true,
      fromVirtualAccountPath: ['EMEA', 'Madrid'],
    });

    await seeded.administrator.call(transferLicenses, {
      params: { accountId: seeded.accountId },
      body: {
        fromVirtualAccountId: fix.fromVirtualAccountId,
        toVirtualAccountId: place('EMEA / Lyon'),
        lines: [{ tag: fix.tag, quantity: fix.quantity }],
      },
    });
    expect((await alerts()).items).toEqual([]);
    expect((await alerts({ state: 'resolved' })).items).toMatchObject([
      { quantity: 31, resolvedAt: '2026-11-22T12:00:00Z' },
    ]);
  });

  it('is put aside, and comes back when the days are over or when it grows worse', async () => {
    await shortInLyon();
    const [alert] = (await alerts()).items;
    const params = { accountId: seeded.accountId, alertId: alert?.alertId ?? '' };
    await seeded.administrator.call(snoozeAlert, { params, body: { days: 7 } });
    expect((await alerts()).items).toEqual([]);
    expect((await alerts({ state: 'snoozed' })).items).toHaveLength(1);
    server.clock.advance({ days: 8 });
    expect((await alerts()).items).toHaveLength(1);

    await seeded.administrator.call(snoozeAlert, { params, body: { days: 7 } });
    await useLicenses(server, {
      accountId: seeded.accountId,
      virtualAccountId: place('EMEA / Lyon'),
      counts: { [catalog.security]: 1 },
    });
    expect((await alerts()).items).toMatchObject([{ quantity: 32, snoozedUntil: null }]);
  });

  it('shows a virtual account’s people theirs alone, and lets a viewer put nothing aside', async () => {
    await shortInLyon();
    const [alert] = (await alerts()).items;
    const reading = async (path: string, role: 'viewer' | 'virtual-account-user') => {
      const scope = {
        kind: 'virtual-accounts' as const,
        virtualAccounts: [{ virtualAccountId: place(path), nested: false }],
      };
      return server.client(await server.keyOf(seeded.accountId, role, scope));
    };
    const madrid = await reading('EMEA / Madrid', 'virtual-account-user');
    const params = { accountId: seeded.accountId, alertId: alert?.alertId ?? '' };
    expect((await madrid.call(listAlerts, { params })).items).toEqual([]);
    await expect(madrid.call(snoozeAlert, { params, body: { days: 1 } })).rejects.toMatchObject({
      problem: { code: 'not-found' },
    });
    const viewer = await reading('EMEA / Lyon', 'viewer');
    expect((await viewer.call(listAlerts, { params })).items).toMatchObject([
      // A viewer can move nothing, so no transfer is offered.
      { fixes: [{ kind: 'order', quantity: 31 }] },
    ]);
    await expect(viewer.call(snoozeAlert, { params, body: { days: 1 } })).rejects.toMatchObject({
      problem: { code: 'not-allowed' },
    });
  });
});

describe('ends of terms', () => {
  it('are noticed at 90 days, once for each lot and place, and again as they come nearer', async () => {
    await deliver(server, seeded, {
      tag: catalog.security,
      quantity: 5,
      virtualAccount: 'EMEA / Lyon',
      term: { kind: 'term', months: 12 },
    });
    await runJob();
    expect((await alerts()).items).toEqual([]);
    server.clock.set('2027-08-25T00:00:00Z');
    await Promise.all([runJob(), runJob()]);
    expect((await alerts()).items).toMatchObject([
      {
        kind: 'licenses-expiring',
        severity: 'minor',
        quantity: 5,
        message: '5 Branch Security in EMEA / Lyon end on 22 Nov 2027',
        actionDueAt: '2027-11-22T12:00:00Z',
      },
    ]);
    const params = { accountId: seeded.accountId, alertId: (await alerts()).items[0]?.alertId ?? '' };
    await seeded.administrator.call(snoozeAlert, { params, body: { days: 30 } });
    server.clock.set('2027-09-10T00:00:00Z');
    await runJob();
    expect((await alerts()).items).toEqual([]);
  });

  it('says nothing of what had ended before it was delivered', async () => {
    await deliver(server, seeded, {
      tag: catalog.security,
      quantity: 9,
      virtualAccount: 'EMEA / Lyon',
      startDate: '2026-10-01',
      term: { kind: 'term', months: 1 },
    });
    await runJob();
    expect((await alerts()).items).toEqual([]);
  });

  it('pages by severity and by when action is due', async () => {
    await shortInLyon();
    for (const [quantity, startDate] of [
      [3, '2026-10-01'],
      [2, '2026-09-10'],
      [4, '2026-10-20'],
    ] as const) {
      await deliver(server, seeded, {
        tag: catalog.security,
        quantity,
        virtualAccount: 'EMEA / Madrid',
        startDate,
        term: { kind: 'term', months: 4 },
      });
    }
    await runJob();
    const first = await alerts({ limit: 2 });
    const second = await alerts({ limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ kind, quantity }) => [kind, quantity])).toEqual([
      ['insufficient-licenses', 31],
      ['licenses-expiring', 2],
      ['licenses-expiring', 3],
      ['licenses-expiring', 4],
    ]);
    expect(second.nextCursor).toBeNull();
  });
});

it('tells of every end, however many lots end', async () => {
  const { accountId } = await server.account('Many Lots');
  const lots = 5_000;
  const now = server.clock.now();
  const { license_id: licenseId } = await server.db
    .selectFrom('licenses')
    .select('license_id')
    .where('tag', '=', catalog.security)
    .executeTakeFirstOrThrow();
  await sql`
    with made as (
      insert into lots (account_id, lot_id, license_id, source_kind, billing, term_kind, starts_at, ends_at, delivered, created_at)
      select ${accountId}, gen_random_uuid(), ${licenseId}, 'order', 'prepaid', 'term', ${now}::timestamptz,
             ${now.add({ hours: 24 * 20 })}::timestamptz, 1, ${now}::timestamptz
        from generate_series(1, ${lots}::int)
      returning lot_id)
    insert into holdings (account_id, virtual_account_id, lot_id, state, license_id, quantity)
    select ${accountId}, v.virtual_account_id, made.lot_id, 'available', ${licenseId}, 1
      from made, virtual_accounts v where v.account_id = ${accountId}`.execute(server.db);
  await runTermAlerts(server.db, now, () => randomUUIDv7());
  const { open } = await server.db
    .selectFrom('alerts')
    .select((e) => e.fn.countAll<number>().as('open'))
    .where('account_id', '=', accountId)
    .where('kind', '=', 'licenses-expiring')
    .executeTakeFirstOrThrow();
  expect(open).toBe(lots);
});

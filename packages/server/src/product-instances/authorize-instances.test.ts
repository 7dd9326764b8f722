import { randomUUIDv7 } from 'node:crypto';
import { createToken } from '@estover/protocol';
import type { AuthorizeRequest } from '@estover/protocol/device';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemActor } from '../edge/context.ts';
import type { Ledger } from '../licenses/index.ts';
import {
  answerOf,
  checkLedgerLaws,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestDevice,
  type TestServer,
  testDevice,
} from '../testing/index.ts';
import { type AuthorizeMessage, authorizeInstances } from './authorize-instances.ts';
import { moveInstancesOf } from './index.ts';

let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let places: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  account = await server.account('Edge Lines');
  places = await server.virtualAccounts(account, 'From', 'To');
});
afterAll(() => server.close());

const within = <Result>(work: (ledger: Ledger) => Promise<Result>) =>
  server.db.transaction().execute((trx) =>
    work({
      trx,
      now: server.clock.now(),
      newId: () => randomUUIDv7(),
      actor: systemActor,
      requestId: null,
    }),
  );

async function registered(): Promise<TestDevice> {
  const { secret } = await account.administrator.call(createToken, {
    params: { accountId: account.accountId, virtualAccountId: places['From'] as string },
    body: {},
  });
  const device = await testDevice(server);
  answerOf(await device.register(secret));
  return device;
}

/** A report of use as it comes out of the check of its signature. */
function messageOf(
  device: TestDevice,
  count: number,
  other: Partial<AuthorizeRequest> = {},
): AuthorizeMessage {
  if (device.key === undefined) throw new Error('the device is not registered');
  const request = { ...device.common(), usage: [{ tag: catalog.security, count }], ...other };
  return { key: device.key, request, payload: JSON.stringify(request) };
}

it('a message that comes twice in one batch is decided once; with other content it is refused', async () => {
  const message = messageOf(await registered(), 3);
  const { messageId, sequence } = message.request;
  const other = { ...message.request, usage: [{ tag: catalog.security, count: 4 }] };
  const outcomes = await within((ledger) =>
    authorizeInstances(
      ledger,
      [{ ...message }, { ...message }, { ...message, request: other, payload: JSON.stringify(other) }],
      1,
    ),
  );
  expect(outcomes).toMatchObject([
    { ok: true, answer: { messageId, lastSequence: sequence } },
    { ok: true, answer: { messageId, lastSequence: sequence, replayed: true } },
    { ok: false, code: 'message-id-reused', facts: { field: 'usage' } },
  ]);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
});

it('instances that are moved while they report use take with them what they report', async () => {
  const device = await registered();
  answerOf(await device.authorize([{ tag: catalog.security, count: 1 }]));
  const { moving } = await within(async (ledger) => {
    await authorizeInstances(ledger, [messageOf(device, 5)], 1);
    const moving = within((other) =>
      moveInstancesOf(other, account.accountId, places['From'] as string, places['To'] as string),
    );
    // It has to wait until this report is kept.
    await Promise.race([moving, new Promise((resolve) => setTimeout(resolve, 500))]);
    return { moving };
  });
  expect(await moving).toBeGreaterThanOrEqual(1);
  expect(await checkLedgerLaws(server.db)).toEqual([]);
  const pool = await server.db
    .selectFrom('pools')
    .select('in_use')
    .where('virtual_account_id', '=', places['From'] as string)
    .executeTakeFirstOrThrow();
  expect(pool.in_use).toBe(0);
});

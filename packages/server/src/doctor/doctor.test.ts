import { createToken, transferLicenses } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealEvents } from '../audit/index.ts';
import type { Trx } from '../database/database.ts';
import { rolledBack } from '../database/transaction.ts';
import {
  answerOf,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestServer,
  testDevice,
} from '../testing/index.ts';
import { examineSnapshot, type Report } from './examine.ts';
import { describeFinding, examineInstallation } from './index.ts';

let server: TestServer;
let catalog: SeededCatalog;
let account: SeededAccount;
let other: SeededAccount;
let places: Record<string, string>;

beforeAll(async () => {
  server = await startTestServer();
  catalog = await seedCatalog(server);
  account = await server.account('Northwind Rail');
  other = await server.account('Southwind Rail');
  places = await server.virtualAccounts(account, 'Europe / Berlin / Depot', 'Asia');
  const berlin = places['Europe / Berlin'] as string;
  await deliver(server, account, { tag: catalog.advantage, quantity: 20, virtualAccount: berlin });
  await deliver(server, account, { tag: catalog.essentials, quantity: 3, virtualAccount: berlin });
  await deliver(server, account, {
    tag: catalog.security,
    quantity: 5,
    virtualAccount: berlin,
    term: { kind: 'term', months: 12 },
    startDate: '2027-03-01',
  });
  await deliver(server, other, { tag: catalog.security, quantity: 7 });
  await account.administrator.call(transferLicenses, {
    params: { accountId: account.accountId },
    body: {
      fromVirtualAccountId: berlin,
      toVirtualAccountId: places['Asia'] as string,
      lines: [{ tag: catalog.advantage, quantity: 4 }],
      reason: 'more trains in Asia',
    },
  });
  for (const counts of [
    [
      { tag: catalog.advantage, count: 2 },
      { tag: catalog.essentials, count: 9 },
    ],
    [{ tag: catalog.security, count: 6 }],
  ]) {
    const { secret } = await account.administrator.call(createToken, {
      params: { accountId: account.accountId, virtualAccountId: berlin },
      body: { description: 'for the doctor', expiresInDays: 30, maximumUses: 3 },
    });
    const device = await testDevice(server);
    answerOf(await device.register(secret));
    answerOf(await device.authorize([{ tag: catalog.advantage, count: 1 }]));
    answerOf(await device.authorize(counts));
  }
  await sealEvents(server.db, server.clock.now());
});
afterAll(() => server.close());

it('finds nothing wrong with a healthy installation', async () => {
  const told: string[] = [];
  const report = await examineInstallation(server.db, { onLaw: (law) => told.push(law) });
  expect(report.findings.map((finding) => describeFinding(finding, report.names))).toEqual([]);
  expect(report.more).toEqual({});
  expect(told).toEqual(report.laws);
  // What is examined is really there.
  const short = await server.db
    .selectFrom('pools')
    .where('state', '=', 'out-of-compliance')
    .selectAll()
    .execute();
  const lending = await server.db.selectFrom('pools').where('lent', '>', 0).selectAll().execute();
  expect([short.length, lending.length]).toEqual([1, 1]);
});

/** Runs statements, examines what they made of the installation, and takes them back. */
async function examineAfter(...statements: string[]): Promise<Report> {
  return rolledBack(server.db, async (trx: Trx) => {
    for (const statement of statements) await sql.raw(statement).execute(trx);
    return examineSnapshot(trx);
  });
}

/** Each law, with what breaks it, what it is about, and the two numbers or texts that are told. */
const corruptions: {
  law: string;
  does: string;
  by: string[];
  subject: Record<string, unknown>;
  expected: unknown;
  found: unknown;
}[] = [
  {
    law: 'Entries of a movement sum to zero for each lot.',
    does: 'an entry is changed',
    by: ["update movement_entries set delta = delta + 1 where state = 'delivered' and delta = -20"],
    subject: { movementId: expect.any(String), lotId: expect.any(String) },
    expected: 0,
    found: 1,
  },
  {
    law: 'No holding is below zero.',
    does: 'a holding falls below zero',
    by: [
      'alter table holdings drop constraint holdings_quantity_check',
      "update holdings set quantity = -1 where quantity = 3 and state = 'available'",
    ],
    subject: { virtualAccountId: expect.any(String), state: 'available' },
    expected: '0 or more',
    found: -1,
  },
  {
    law: 'A holding is the sum of its entries.',
    does: 'units appear in a holding',
    by: ["update holdings set quantity = 17 where quantity = 16 and state = 'available'"],
    subject: { lotId: expect.any(String), state: 'available' },
    expected: 16,
    found: 17,
  },
  {
    law: 'A holding is the sum of its entries.',
    does: 'a holding disappears',
    by: ["delete from holdings where quantity = 4 and state = 'available'"],
    subject: { lotId: expect.any(String), state: 'available' },
    expected: 4,
    found: 0,
  },
  {
    law: 'What was delivered of a lot is there or withdrawn.',
    does: 'a lot claims more than came',
    by: ['update lots set delivered = 21 where delivered = 20'],
    subject: { lotId: expect.any(String) },
    expected: { delivered: 21 },
    found: expect.objectContaining({ available: 20, withdrawn: 0, 'delivered by movements': 20 }),
  },
  {
    law: 'Holdings and entries are of the license of their lot.',
    does: 'a holding names another license',
    by: [
      "update holdings set license_id = (select license_id from licenses where name = 'Strong Encryption') where quantity = 3",
    ],
    subject: { lotId: expect.any(String), in: 'holdings' },
    expected: expect.any(String),
    found: expect.any(String),
  },
  {
    law: 'A pool is the sum of its holdings.',
    does: 'a counter of a pool is wrong',
    by: ['update pools set pending = 6 where pending = 5'],
    subject: { virtualAccountId: expect.any(String), licenseId: expect.any(String), state: 'pending' },
    expected: 5,
    found: 6,
  },
  {
    law: 'In use is the sum of what product instances report.',
    does: 'a pool forgets use',
    by: ['update pools set in_use = 8 where in_use = 9'],
    subject: { virtualAccountId: expect.any(String), licenseId: expect.any(String) },
    expected: 9,
    found: 8,
  },
  {
    law: 'Delivered order lines have their lots, and no other line has any.',
    does: 'a delivered line becomes a booked one',
    by: ["update order_lines set state = 'booked' where quantity = 20"],
    subject: { lineNumber: 1, orderNumber: expect.any(String) },
    expected: 0,
    found: 20,
  },
  {
    law: 'Delivered order lines have their lots, and no other line has any.',
    does: 'a line orders more than it got',
    by: ['update order_lines set quantity = 22 where quantity = 20'],
    subject: { lineNumber: 1, orderNumber: expect.any(String) },
    expected: 22,
    found: 20,
  },
  {
    law: 'No licenses of orders lie in a holding account.',
    does: 'an account with licenses becomes a holding one',
    by: [
      "update accounts set kind = 'holding' where account_id = (select account_id from order_lines where quantity = 20)",
    ],
    subject: { lineNumber: 1, orderNumber: expect.any(String) },
    expected: 0,
    found: expect.any(Number),
  },
  {
    law: 'A pool lends, borrows and stands as the rules say.',
    does: 'a loan is too large',
    by: ['update pools set lent = 7 where lent = 6'],
    subject: { virtualAccountId: expect.any(String), licenseId: expect.any(String) },
    expected: { lent: 6, borrowed: 0, state: 'in-compliance' },
    found: { lent: 7, borrowed: 0, state: 'in-compliance' },
  },
  {
    law: 'A pool has a date since when it is short while it is out of compliance, and no other.',
    does: 'a short pool loses its date',
    by: ['update pools set short_since = null where short_since is not null'],
    subject: { state: 'out-of-compliance', licenseId: expect.any(String) },
    expected: 'an instant',
    found: 'none',
  },
  {
    law: 'A pool out of compliance, and no other, has one open alert with how many are missing.',
    does: 'an alert is resolved too early',
    by: ["update alerts set resolved_at = now() where kind = 'insufficient-licenses'"],
    subject: { licenseId: expect.any(String), virtualAccountId: expect.any(String) },
    expected: 6,
    found: null,
  },
  {
    law: 'A pool out of compliance, and no other, has one open alert with how many are missing.',
    does: 'an alert tells another number',
    by: ["update alerts set quantity = 5 where kind = 'insufficient-licenses'"],
    subject: { alertId: expect.any(String) },
    expected: 6,
    found: 5,
  },
  {
    law: 'What a product instance uses is where its changes of use lead.',
    does: 'a change of use is lost',
    by: ['delete from usage_changes where to_count = 9'],
    subject: { instanceId: expect.any(String), licenseId: expect.any(String) },
    expected: 0,
    found: 9,
  },
  {
    law: 'What a product instance uses is where its changes of use lead.',
    does: 'a change is edited at both its ends',
    by: ['update usage_changes set from_count = 5, to_count = 6 where from_count = 1 and to_count = 2'],
    subject: { instanceId: expect.any(String) },
    expected: 2,
    found: 2,
  },
  {
    law: 'Use lies in the virtual account of its product instance.',
    does: 'an instance moves without its use',
    by: [
      "update product_instances set virtual_account_id = (select virtual_account_id from virtual_accounts where name = 'Asia') where instance_id = (select instance_id from instance_usage where count = 6)",
    ],
    subject: { instanceId: expect.any(String), tag: expect.any(String) },
    expected: expect.any(String),
    found: expect.any(String),
  },
  {
    law: 'Only registered product instances use licenses.',
    does: 'an instance ends and its use stays',
    by: [
      "update product_instances set state = 'removed' where instance_id = (select instance_id from instance_usage where count = 6)",
    ],
    subject: { instanceState: 'removed' },
    expected: 0,
    found: 6,
  },
  {
    law: 'Every product instance that lives has its sequence number and its deadline.',
    does: 'the contacts of an instance are lost',
    by: [
      'delete from instance_contacts where instance_id = (select instance_id from instance_usage where count = 6)',
    ],
    subject: { instanceId: expect.any(String) },
    expected: 'a row of contacts',
    found: 'none',
  },
  {
    law: 'A token counts its registrations and no more than its maximum.',
    does: 'a token forgets a registration',
    by: [
      'update registration_tokens set uses = 0 where token_id = (select token_id from registration_tokens limit 1)',
    ],
    subject: { tokenId: expect.any(String) },
    expected: { 'at least': 1, 'at most': 3 },
    found: { uses: 0 },
  },
  {
    law: 'A token counts its registrations and no more than its maximum.',
    does: 'a token is used too often',
    by: [
      'alter table registration_tokens drop constraint registration_tokens_check',
      'update registration_tokens set uses = 4 where token_id = (select token_id from registration_tokens limit 1)',
    ],
    subject: { tokenId: expect.any(String) },
    expected: { 'at least': 1, 'at most': 3 },
    found: { uses: 4 },
  },
  {
    law: 'The numbers of product instances by state add up.',
    does: 'an instance comes in beside the count',
    by: [
      'insert into product_instance_counts (account_id, virtual_account_id, state, change) select account_id, virtual_account_id, state, 1 from product_instances limit 1',
    ],
    subject: { virtualAccountId: expect.any(String), instanceState: 'registered' },
    expected: 2,
    found: 3,
  },
  {
    law: 'The lines of ancestors follow the parents of virtual accounts.',
    does: 'a line of ancestors is cut',
    by: ['delete from virtual_account_ancestry where distance = 2'],
    subject: { virtualAccountId: expect.any(String), ancestorId: expect.any(String) },
    expected: 2,
    found: null,
  },
  {
    law: 'The lines of ancestors follow the parents of virtual accounts.',
    does: 'two virtual accounts are in each other',
    by: [
      "update virtual_accounts v set parent_id = (select virtual_account_id from virtual_accounts where name = 'Depot') where name = 'Europe'",
    ],
    subject: { virtualAccountId: expect.any(String) },
    expected: expect.any(Number),
    found: 0,
  },
  {
    law: 'The depth of a virtual account is the length of its line, 10 at most.',
    does: 'a depth is wrong',
    by: ["update virtual_accounts set depth = 2 where name = 'Depot'"],
    subject: { virtualAccountId: expect.any(String) },
    expected: 3,
    found: 2,
  },
  {
    law: 'Licenses and product instances lie in virtual accounts that are there.',
    does: 'a virtual account with licenses is deleted',
    by: ["update virtual_accounts set deleted_at = now(), deleted_path = '{Asia}' where name = 'Asia'"],
    subject: { what: 'licenses', virtualAccountId: expect.any(String) },
    expected: 0,
    found: 4,
  },
  {
    law: 'Events are unchanged since they were sealed.',
    does: 'an event is rewritten',
    by: ["update events set message = 'nothing happened' where operation = 'transferLicenses'"],
    subject: { batchNumber: 1, eventId: expect.any(String) },
    expected: 'a chain that holds',
    found: 'the event was changed',
  },
  {
    law: 'The schema is the one of this version.',
    does: 'an index is left half built',
    by: ['create index half_built on only events (request_id)'],
    subject: { index: 'half_built' },
    expected: 'a valid index',
    found: 'one that is not',
  },
  {
    law: 'The schema is the one of this version.',
    does: 'a newer version has migrated the schema',
    by: ["insert into schema_migrations (name, timestamp) values ('9999-the-future', 'now')"],
    subject: {},
    expected: { pending: [], unknown: [], changed: [] },
    found: { pending: [], unknown: ['9999-the-future'], changed: [] },
  },
];

describe('names what is wrong, with the numbers', () => {
  it.each(corruptions)('$law – $does', async ({ law, by, subject, expected, found }) => {
    const { findings } = await examineAfter(...by);
    const ofLaw = findings.filter((finding) => finding.law === law);
    expect(ofLaw.length).toBeGreaterThan(0);
    const [first] = ofLaw;
    expect(first).toMatchObject({ subject, expected, found });
    if (law !== 'The schema is the one of this version.') expect(first?.accountId).toBe(account.accountId);
    expect(describeFinding(first as NonNullable<typeof first>)).toContain(law);
  });

  it('has a corruption for every law', async () => {
    const { laws } = await examineInstallation(server.db);
    expect([...new Set(corruptions.map(({ law }) => law))].sort()).toEqual([...laws].sort());
  });

  it('says it in one line for people', async () => {
    const { findings, names } = await examineAfter('update pools set in_use = 8 where in_use = 9');
    const [line] = findings.map((finding) => describeFinding(finding, names));
    expect(line?.replaceAll(/[0-9a-f-]{36}/g, 'id')).toBe(
      'In use is the sum of what product instances report. account Northwind Rail (id), ' +
        'license Network Essentials (id), virtual account Europe / Berlin (id): expected 9, found 8',
    );
  });
});

it('examines one account alone when asked', async () => {
  const report = await rolledBack(server.db, async (trx) => {
    await sql`update pools set in_use = in_use + 1`.execute(trx);
    await sql`update lots set delivered = delivered + 1`.execute(trx);
    await sql`update virtual_accounts set depth = 5`.execute(trx);
    await sql`update registration_tokens set uses = 0`.execute(trx);
    return examineSnapshot(trx, { accountId: other.accountId });
  });
  expect(new Set(report.findings.map(({ accountId }) => accountId))).toEqual(new Set([other.accountId]));
  expect(report.findings.length).toBeGreaterThan(2);
});

it('lists so many findings of a law and counts the others', async () => {
  const report = await rolledBack(server.db, async (trx) => {
    await sql`update pools set in_use = in_use + 1`.execute(trx);
    return examineSnapshot(trx, { most: 2 });
  });
  const law = 'In use is the sum of what product instances report.';
  expect(report.findings.filter((finding) => finding.law === law)).toHaveLength(2);
  expect(report.more[law]).toBeGreaterThan(0);
});

it('judges pools in portions without tearing a virtual account apart', async () => {
  const report = await rolledBack(server.db, async (trx) => {
    // More pools than one portion, whose licenses lend to each other in every virtual account.
    await sql`
      insert into pools (account_id, virtual_account_id, license_id, available, in_use, lent, borrowed)
      select ${account.accountId}, va, l.license_id,
             case l.name when 'Network Advantage' then 5 else 0 end, case l.name when 'Network Advantage' then 0 else 5 end,
             case l.name when 'Network Advantage' then 5 else 0 end, case l.name when 'Network Advantage' then 0 else 5 end
        from (select md5(n::text)::uuid as va, n from generate_series(1, 3001) n) places, licenses l
       where l.name in ('Network Advantage', 'Network Essentials')`.execute(trx);
    return examineSnapshot(trx);
  });
  expect(report.findings.filter(({ law }) => law.startsWith('A pool lends'))).toEqual([]);
});

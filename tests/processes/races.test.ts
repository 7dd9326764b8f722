import { setTimeout as wait } from 'node:timers/promises';
import { createToken } from '@estover/protocol';
import {
  createEmptyDatabase,
  deliver,
  examine,
  messageIdOf,
  type TestDevice,
  testDevice,
} from '@estover/server/testing';
import { sql } from 'kysely';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { closedAtEnd } from './harness/closed-at-end.ts';
import { insistentClient, type Request } from './harness/insistent.ts';
import { type Installation, openInstallation } from './harness/installation.ts';
import {
  changeRequest,
  codeOfReply,
  countOf,
  deviceRequest,
  payloadOf,
  transferRequest,
} from './harness/requests.ts';
import { drawnSeed, sizeOf } from './harness/seed.ts';
import { startWorkers, together } from './harness/workers.ts';
import type { Customer, World } from './harness/world.ts';

const clients = sizeOf('RACE_CLIENTS', 1_000);
const random = drawnSeed('races');

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let installation: Installation;
let world: World;

const keep = closedAtEnd();
beforeAll(async () => {
  database = keep(await createEmptyDatabase());
  // All four make the empty database ready at the same time, which is the first race.
  installation = keep(await openInstallation(4, database.connectionString));
  world = installation.world;
}, 180_000);

/** How often transactions waited for each other in a circle so far. */
async function deadlocks(): Promise<number> {
  await sql`select pg_stat_force_next_flush()`.execute(world.db);
  const { rows } = await sql<{ deadlocks: number }>`
    select deadlocks from pg_stat_database where datname = current_database()`.execute(world.db);
  return rows[0]?.deadlocks ?? 0;
}

afterEach(async ({ task }) => {
  console.log(`${task.name}: ${await deadlocks()} deadlocks so far, each tried again`);
  expect(installation.servers.flatMap((server) => server.complaints())).toEqual([]);
  expect(await examine(world.db)).toEqual([]);
});

/**
 * Sends all of them at once to all servers, each until it is told something definite.
 *
 * @param amid what to begin once so many were told
 */
async function allAtOnce(
  requests: readonly Request[],
  amid?: { replies: number; begin(): Promise<unknown> },
) {
  const client = insistentClient(installation.addresses, random);
  const sent = Promise.all(requests.map((request) => client.send(request)));
  if (amid !== undefined) {
    while (client.experience.definite < amid.replies) await wait(2);
    await amid.begin();
  }
  const replies = await sent;
  expect(client.experience.violations).toEqual([]);
  const { unavailable, slowest } = client.experience;
  console.log(
    `${replies.length} replies, ${unavailable} times told to come later, slowest ${slowest.milliseconds} ms`,
  );
  return replies;
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const security = () => world.catalog.security;
const one = () => [{ tag: security(), quantity: 1 }];

/** Available units by the names given to virtual accounts. */
async function available(customer: Customer, names: readonly string[]): Promise<Record<string, number>> {
  const { rows } = await sql<{ id: string; available: number }>`
    select virtual_account_id as id, available from pools where account_id = ${customer.accountId}`.execute(
    world.db,
  );
  const byId = new Map(rows.map((row) => [row.id, row.available]));
  return Object.fromEntries(names.map((name) => [name, byId.get(customer.place(name)) ?? 0]));
}

const sum = (numbers: Record<string, number>): number =>
  Object.values(numbers).reduce((total, number) => total + number, 0);

async function token(customer: Customer, name: string, maximumUses: number | null = null) {
  const { accountId } = customer;
  return customer.administrator.call(createToken, {
    params: { accountId, virtualAccountId: customer.place(name) },
    body: { maximumUses },
  });
}

/** Registers devices on the four servers. */
async function registered(customer: Customer, name: string, count: number): Promise<TestDevice[]> {
  const { secret } = await token(customer, name);
  return Promise.all(
    times(count, async (index) => {
      const address = installation.addresses[index % installation.addresses.length] ?? '';
      const device = await testDevice(world, { address });
      const reply = await device.register(secret);
      if (!reply.ok) throw new Error(reply.problem.detail);
      return device;
    }),
  );
}

it('exactly one of 1,000 takes the last unit of a pool', async () => {
  const customer = await world.account('A', 'B', 'C');
  await deliver(world, customer, { tag: security(), quantity: 1, virtualAccount: 'A' });
  const [a, b, c] = [customer.place('A'), customer.place('B'), customer.place('C')];
  const replies = await allAtOnce(
    times(clients, (index) => transferRequest(customer, a, index % 2 === 0 ? b : c, one())),
  );
  expect(countOf(replies.map(codeOfReply))).toEqual({ done: 1, 'insufficient-licenses': clients - 1 });
  const left = await available(customer, ['A', 'B', 'C']);
  expect([left['A'], sum(left)]).toEqual([0, 1]);
});

it('the last units go into exactly as many holds as there are, and each hold ends once', async () => {
  const customer = await world.account('A', 'B');
  const { accountId } = customer;
  await deliver(world, customer, { tag: security(), quantity: 10, virtualAccount: 'A' });
  const { license_id: licenseId } = await world.db
    .selectFrom('licenses')
    .select('license_id')
    .where('tag', '=', security())
    .executeTakeFirstOrThrow();
  const each = clients / 4;
  const work = { accountId, virtualAccountId: customer.place('A'), licenseId, quantity: 1, times: each };
  const holders = await startWorkers(
    database.connectionString,
    times(4, () => ({ kind: 'hold' as const, ...work })),
  );
  const held = together(await holders.go());
  expect([held.done, held.refused]).toEqual([10, { 'insufficient-licenses': clients - 10 }]);
  expect(sum(await available(customer, ['A', 'B']))).toBe(0);

  const ends = { accountId, holdIds: held.ids, toVirtualAccountId: customer.place('B'), times: 50 };
  const enders = await startWorkers(
    database.connectionString,
    times(4, () => ({ kind: 'end-hold' as const, ...ends })),
  );
  const ended = together(await enders.go());
  expect([ended.done, ended.refused]).toEqual([10, { 'hold-ended': 190 }]);
  expect(ended.ids.toSorted()).toEqual(held.ids.toSorted());
  expect(sum(await available(customer, ['A', 'B']))).toBe(10);
});

it('exactly one of 1,000 product instances gets the last use of a token', async () => {
  const customer = await world.account('A');
  const { secret, token: made } = await token(customer, 'A', 1);
  const devices = await Promise.all(times(clients, () => testDevice(world)));
  const documents = await Promise.all(devices.map((device) => device.writeRegistration(secret)));
  const replies = await allAtOnce(documents.map((document) => deviceRequest('register', document)));
  expect(countOf(replies.map(codeOfReply))).toEqual({ done: 1, 'token-used-up': clients - 1 });
  const instances = await world.db
    .selectFrom('product_instances')
    .select('instance_id')
    .where('token_id', '=', made.tokenId)
    .execute();
  expect(instances).toHaveLength(1);
});

it('no unit is lost or made in 1,000 crossing transfers A → B → C → A', async () => {
  const customer = await world.account('A', 'B', 'C');
  const names = ['A', 'B', 'C'] as const;
  for (const virtualAccount of names) {
    await deliver(world, customer, { tag: security(), quantity: 30, virtualAccount });
    const term = { kind: 'term', months: 12 } as const;
    await deliver(world, customer, { tag: security(), quantity: 30, virtualAccount, term });
  }
  const wanted = times(clients, () => {
    const from = random.below(3);
    const to = (from + 1 + random.below(2)) % 3;
    return { from: names[from] ?? 'A', to: names[to] ?? 'B', quantity: 1 + random.below(20) };
  });
  const replies = await allAtOnce(
    wanted.map(({ from, to, quantity }) =>
      transferRequest(customer, customer.place(from), customer.place(to), [{ tag: security(), quantity }]),
    ),
  );
  const expected: Record<string, number> = { A: 60, B: 60, C: 60 };
  for (const [index, { from, to, quantity }] of wanted.entries()) {
    const code = codeOfReply(replies[index] as (typeof replies)[number]);
    expect(['done', 'insufficient-licenses']).toContain(code);
    if (code !== 'done') continue;
    expected[from] = (expected[from] ?? 0) - quantity;
    expected[to] = (expected[to] ?? 0) + quantity;
  }
  expect(await available(customer, names)).toEqual(expected);
});

it('the same request five times at once is done once, with one answer', async () => {
  const customer = await world.account('A', 'B');
  await deliver(world, customer, { tag: security(), quantity: 1_000, virtualAccount: 'A' });
  const [a, b] = [customer.place('A'), customer.place('B')];
  const requests = times(clients / 5, () => transferRequest(customer, a, b, one()));
  const replies = await allAtOnce(requests.flatMap((request) => times(5, () => request)));
  expect(countOf(replies.map(codeOfReply))).toEqual({ done: clients });
  const bodies = Map.groupBy(replies, (_, index) => Math.floor(index / 5));
  for (const same of bodies.values()) {
    expect(new Set(same.map(({ body }) => body)).size).toBe(1);
    expect(same.filter(({ replayed }) => !replayed)).toHaveLength(1);
  }
  expect(await available(customer, ['B'])).toEqual({ B: clients / 5 });
});

it('the same message of an instance five times at once counts once, with one answer', async () => {
  const customer = await world.account('A');
  const devices = await registered(customer, 'A', 40);
  const documents = devices.flatMap((device) =>
    times(clients / 200, (index) =>
      device.write('authorize', { ...device.common(), usage: [{ tag: security(), count: 1 + index }] }),
    ),
  );
  const replies = await allAtOnce(
    documents.flatMap((document) => times(5, () => deviceRequest('authorize', document))),
  );
  expect(countOf(replies.map(codeOfReply))).toEqual({ done: clients });
  const answers = replies.map(({ body }) => payloadOf<{ messageId: string; replayed?: boolean }>(body));
  for (const [index, document] of documents.entries()) {
    const same = answers.slice(index * 5, index * 5 + 5);
    expect(new Set(same.map(({ replayed, ...answer }) => JSON.stringify(answer))).size).toBe(1);
    expect(same[0]?.messageId).toBe(messageIdOf(document));
    expect(same.filter(({ replayed }) => replayed !== true)).toHaveLength(1);
  }
});

it('an instance that is removed during its authorization uses nothing afterwards', async () => {
  const customer = await world.account('A');
  const { accountId } = customer;
  const devices = await registered(customer, 'A', 100);
  const remover = insistentClient(installation.addresses, random);
  const remove = async (device: TestDevice) => {
    await wait(random.below(300));
    const path = `/api/v1/accounts/${accountId}/product-instances/${device.key?.instanceId}/remove`;
    expect(codeOfReply(await remover.send(changeRequest(customer, path)))).toBe('done');
    const late = device.write('authorize', { ...device.common(), usage: [{ tag: security(), count: 9 }] });
    expect(codeOfReply(await remover.send(deviceRequest('authorize', late)))).toBe('instance-removed');
  };
  const requests = devices.flatMap((device) =>
    times(8, (index) =>
      deviceRequest(
        'authorize',
        device.write('authorize', { ...device.common(), usage: [{ tag: security(), count: 1 + index }] }),
      ),
    ),
  );
  const replies = await allAtOnce(requests, { replies: 100, begin: () => Promise.all(devices.map(remove)) });
  const codes = countOf(replies.map(codeOfReply));
  console.log(`while they were removed: ${JSON.stringify(codes)}`);
  expect(Object.keys(codes).filter((code) => !['done', 'instance-removed'].includes(code))).toEqual([]);
  // Whoever was told that a report counts had something to lose when they were removed, and nobody else.
  const reporting = new Set(
    replies.flatMap((reply, index) => (codeOfReply(reply) === 'done' ? [index >> 3] : [])),
  );
  const freed = await sql<{ instances: number }>`
    select count(distinct instance_id) as instances from usage_changes
     where account_id = ${accountId} and reason = 'removed' and from_count > 0 and to_count = 0`.execute(
    world.db,
  );
  expect(freed.rows).toEqual([{ instances: reporting.size }]);
  const { rows } = await sql<{ state: string; instances: number; used: number; changed: number }>`
    select i.state, count(*) as instances, coalesce(sum(u.count), 0) as used,
           (select coalesce(sum(to_count - from_count), 0) from usage_changes where account_id = ${accountId}) as changed
      from product_instances i left join instance_usage u using (account_id, instance_id)
     where i.account_id = ${accountId} group by i.state`.execute(world.db);
  expect(rows).toEqual([{ state: 'removed', instances: 100, used: 0, changed: 0 }]);
});

it('instances register again with force elsewhere while both places report, and no lock waits in a circle', async () => {
  const customer = await world.account('A', 'B');
  const { accountId } = customer;
  const before = await deadlocks();
  const use = (count: number) => [{ tag: security(), count }];
  const staying = { A: await registered(customer, 'A', 60), B: await registered(customer, 'B', 60) };
  const leaving = await registered(customer, 'B', 60);
  await Promise.all(leaving.map((device) => device.authorize(use(5))));
  const { secret } = await token(customer, 'A');
  const registrations = await Promise.all(
    leaving.map(async (device) => {
      const again = await testDevice(world, { serialNumber: device.serialNumber });
      return deviceRequest('register', await again.writeRegistration(secret, { force: true, usage: use(3) }));
    }),
  );
  const reports = times(6, (index) =>
    [...staying.A, ...staying.B].map((device) =>
      deviceRequest('authorize', device.write('authorize', { ...device.common(), usage: use(1 + index) })),
    ),
  ).flat();
  const replies = await allAtOnce(
    reports.flatMap((report, index) => [report, ...registrations.slice(index, index + 1)]),
  );
  expect(countOf(replies.map(codeOfReply))).toEqual({ done: reports.length + registrations.length });
  const { rows } = await sql<{ state: string; instances: number }>`
    select state, count(*) as instances from product_instances where account_id = ${accountId}
     group by 1 order by 1`.execute(world.db);
  expect(rows).toEqual([
    { state: 'registered', instances: 180 },
    { state: 'replaced', instances: 60 },
  ]);
  const moved = await sql<{ used: number }>`
    select sum(u.count) as used from instance_usage u join product_instances p using (account_id, instance_id)
     where u.account_id = ${accountId} and p.virtual_account_id = ${customer.place('A')}
       and p.serial_number = any(${leaving.map(({ serialNumber }) => serialNumber)}::text[])`.execute(
    world.db,
  );
  expect(moved.rows).toEqual([{ used: 3 * leaving.length }]);
  expect(await deadlocks()).toBe(before);
});

it('nothing of an ended term slips away through transfers while it expires', async () => {
  // Many small lots and many places, so that most transfers bring units to where none of their lot ever was.
  const names = Array.from({ length: 12 }, (_, index) => `Place ${index}`);
  const customer = await world.account('A', ...names);
  const term = { kind: 'demo', days: 30 } as const;
  for (let lot = 0; lot < 20; lot++) {
    await deliver(world, customer, { tag: security(), quantity: 20, virtualAccount: 'A', term });
  }
  // Servers whose clocks differ: for those that move licenses the term still runs, for those that end it it is over.
  const at = Temporal.Now.instant()
    .add({ hours: 24 * 31 })
    .toString();
  const expiring = await startWorkers(
    database.connectionString,
    times(4, (index) => ({ kind: 'expire' as const, at, times: 12, everyMs: 10 + 13 * index })),
  );
  const lots = await world.db
    .selectFrom('lots')
    .select('lot_id')
    .where('account_id', '=', customer.accountId)
    .execute();
  const transfers = times(clients / 4, () => {
    const line = { tag: security(), quantity: 1, lots: [{ lotId: random.pick(lots).lot_id, quantity: 1 }] };
    return transferRequest(customer, customer.place('A'), customer.place(random.pick(names)), [line]);
  });
  const replies = await allAtOnce(transfers, { replies: clients / 50, begin: expiring.go });
  const codes = countOf(replies.map(codeOfReply));
  console.log(`while the terms ended: ${JSON.stringify(codes)}`);
  expect(codes['done']).toBeGreaterThan(0);
  expect(Object.keys(codes).filter((code) => !['done', 'insufficient-licenses'].includes(code))).toEqual([]);
  const last = await startWorkers(database.connectionString, [{ kind: 'expire', at, times: 2, everyMs: 1 }]);
  await last.go();
  const { rows } = await sql<{ available: number; expired: number }>`
    select sum(available) as available, sum(expired) as expired from pools
     where account_id = ${customer.accountId}`.execute(world.db);
  expect(rows).toEqual([{ available: 0, expired: 400 }]);
});

it('a virtual account may move while licenses move into and out of it', async () => {
  const customer = await world.account('A', 'B', 'C');
  const { accountId } = customer;
  await deliver(world, customer, { tag: security(), quantity: 100, virtualAccount: 'A' });
  await deliver(world, customer, { tag: security(), quantity: 100, virtualAccount: 'B' });
  const [a, b, c] = [customer.place('A'), customer.place('B'), customer.place('C')];
  const mover = insistentClient(installation.addresses, random);
  const path = `/api/v1/accounts/${accountId}/virtual-accounts/${b}/move`;
  const move = async () => {
    for (let round = 0; round < 15; round++) {
      for (const parentId of [c, null, a, null]) {
        expect(codeOfReply(await mover.send(changeRequest(customer, path, { parentId })))).toBe('done');
      }
    }
  };
  const [replies] = await Promise.all([
    allAtOnce(
      times(clients / 2, (index) => transferRequest(customer, index % 2 ? a : b, index % 2 ? b : a, one())),
    ),
    move(),
  ]);
  const codes = countOf(replies.map(codeOfReply));
  expect(Object.keys(codes).filter((code) => !['done', 'insufficient-licenses'].includes(code))).toEqual([]);
  const into = (to: string) =>
    replies.filter((reply, index) => codeOfReply(reply) === 'done' && (index % 2 ? b : a) === to).length;
  const difference = into(a) - into(b);
  expect(await available(customer, ['A', 'B'])).toEqual({ A: 100 + difference, B: 100 - difference });
});

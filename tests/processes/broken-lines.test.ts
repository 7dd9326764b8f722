import { setTimeout as wait } from 'node:timers/promises';
import { createToken } from '@estover/protocol';
import { type DeviceMessageKind, deviceMessageKinds } from '@estover/protocol/device';
import { createCertificateRequest, generateKeyPair, readCertificate } from '@estover/protocol/signing';
import { createEmptyDatabase, deliver, examine, testDevice } from '@estover/server/testing';
import { beforeAll, expect, it } from 'vitest';
import { closedAtEnd } from './harness/closed-at-end.ts';
import { insistentClient, type Request } from './harness/insistent.ts';
import { type Installation, openInstallation } from './harness/installation.ts';
import { expectExactly } from './harness/journal.ts';
import { type Line, startLine } from './harness/line.ts';
import {
  changeRequest,
  codeOfReply,
  countOf,
  deviceRequest,
  payloadOf,
  transferRequest,
} from './harness/requests.ts';
import { drawnSeed, sizeOf } from './harness/seed.ts';
import { readyAgain } from './harness/servers.ts';
import { startStream } from './harness/stream.ts';

const cuts = sizeOf('LINE_CUTS', 40);
const lost = sizeOf('LOST_REPLIES', 100);
const random = drawnSeed('broken-lines');

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
/** Between the servers and their database. */
let line: Line;
let installation: Installation;

const keep = closedAtEnd();
beforeAll(async () => {
  database = keep(await createEmptyDatabase());
  const direct = new URL(database.connectionString);
  const [folder, port] = [direct.searchParams.get('host'), direct.searchParams.get('port')];
  line = keep(await startLine({ path: `${folder}/.s.PGSQL.${port}` }));
  const through = new URL(direct);
  through.search = '';
  through.host = `127.0.0.1:${line.port}`;
  // The servers' own limit for a statement without an answer is a little over a minute; here it is shorter.
  through.searchParams.set('query_timeout', '1500');
  installation = keep(await openInstallation(2, direct.href, through.href));
}, 180_000);

it.each<[string, number, () => Promise<void>]>([
  ['breaks', cuts, async () => line.cut()],
  [
    'breaks and lets nobody in for a while',
    Math.ceil(cuts / 10),
    async () => {
      line.mode('refuse');
      line.cut();
      await wait(random.below(700));
      line.mode('pass');
    },
  ],
  [
    'is dead for a while without saying so',
    Math.ceil(cuts / 20),
    async () => {
      line.mode('stall');
      await wait(500 + random.below(2_500));
      // What was on the line is lost, and so the connections are of no use, as when a firewall forgot them.
      line.mode('pass');
      line.forget();
    },
  ],
])('the line to the database %s, %i times: nothing is lost, doubled or an error', async (_, times, fail) => {
  const { servers, addresses, world, db } = installation;
  const before = servers.map((server) => server.pid());
  const stream = await startStream(world, addresses, random);
  const recoveries: number[] = [];
  for (let time = 0; time < times; time++) {
    await stream.progress(1 + random.below(15));
    await wait(random.below(20));
    await fail();
    recoveries.push(...(await Promise.all(servers.map(readyAgain))));
  }
  await stream.end();
  // What is dead and lies idle in the servers is cleared away, so that the next test begins with a whole line.
  line.cut();
  await Promise.all(servers.map(readyAgain));
  const { experience, journal } = stream;
  console.log(
    `slowest until ready again ${Math.max(...recoveries)} ms; ${JSON.stringify(experience)}; ${journal.movements.size} transfers`,
  );
  expect(experience.violations).toEqual([]);
  // Whatever happens to the database: a server answers, if only that one has to come again.
  expect(experience.broken).toBe(0);
  expect(servers.map((server) => (server.running() ? server.pid() : 'ended'))).toEqual(before);
  await expectExactly(db, journal);
  expect(await examine(db)).toEqual([]);
  expect(servers.flatMap((server) => server.complaints())).toEqual([]);
});

/** A line to the first server that keeps the first reply to each request to itself. */
async function losingReplies() {
  const proxy = await startLine({
    host: '127.0.0.1',
    port: Number(new URL(installation.addresses[0] ?? '').port),
  });
  const client = insistentClient([`http://127.0.0.1:${proxy.port}`], random);
  return {
    async send(request: Request) {
      proxy.swallow(1);
      const reply = await client.send(request);
      expect(client.experience.violations).toEqual([]);
      expect(reply.tries).toBeGreaterThan(1);
      return reply;
    },
    close: () => proxy.close(),
  };
}

it('a reply that is lost after the commit comes again, and nothing is done twice', async () => {
  const { world, db } = installation;
  const tag = world.catalog.security;
  const customer = await world.account('A', 'B');
  const { accountId } = customer;
  await deliver(world, customer, { tag, quantity: lost, virtualAccount: 'A' });
  const client = await losingReplies();
  for (let time = 0; time < lost; time++) {
    const reply = await client.send(
      transferRequest(customer, customer.place('A'), customer.place('B'), [{ tag, quantity: 1 }]),
    );
    expect([codeOfReply(reply), reply.replayed]).toEqual(['done', true]);
  }
  // Each unit moved once, or there would not have been enough of them.
  const pools = await db
    .selectFrom('pools')
    .select(['virtual_account_id', 'available'])
    .where('account_id', '=', accountId)
    .where('available', '>', 0)
    .execute();
  expect(pools).toEqual([{ virtual_account_id: customer.place('B'), available: lost }]);

  // A secret that was on its way when the line broke is told again.
  const path = `/api/v1/accounts/${accountId}/virtual-accounts/${customer.place('A')}/tokens`;
  const made = await client.send(changeRequest(customer, path, {}));
  expect(made.replayed).toBe(true);
  expect(JSON.parse(made.body).secret).toMatch(/^esrt_/);
  const tokens = await db
    .selectFrom('registration_tokens')
    .select('uses')
    .where('account_id', '=', accountId)
    .execute();
  expect(tokens).toEqual([{ uses: 0 }]);
  await client.close();
  expect(await examine(db)).toEqual([]);
});

it('every message of a product instance whose answer is lost is answered again, and done once', async () => {
  const { world, db } = installation;
  const tag = world.catalog.security;
  const customer = await world.account('A');
  const { accountId } = customer;
  const lives = Math.ceil(lost / 10);
  const { secret, token } = await customer.administrator.call(createToken, {
    params: { accountId, virtualAccountId: customer.place('A') },
    body: { maximumUses: lives },
  });
  const client = await losingReplies();
  const kinds: DeviceMessageKind[] = [];
  const send = async (kind: DeviceMessageKind, document: string) => {
    const reply = await client.send(deviceRequest(kind, document));
    expect(codeOfReply(reply)).toBe('done');
    const answer = payloadOf<{ instanceId: string; certificate: string; replayed?: boolean }>(reply.body);
    expect(answer.replayed).toBe(true);
    kinds.push(kind);
    return answer;
  };
  for (let life = 0; life < lives; life++) {
    const device = await testDevice(world);
    const learn = ({ instanceId, certificate }: { instanceId: string; certificate: string }) => {
      const certificateSerial = readCertificate(Buffer.from(certificate, 'base64')).serial;
      device.key = { accountId, instanceId, certificateSerial };
    };
    learn(await send('register', await device.writeRegistration(secret)));
    const usage = [{ tag, count: 1 + random.below(9) }];
    await send('authorize', device.write('authorize', { ...device.common(), usage }));
    const keys = generateKeyPair();
    const request = Buffer.from(await createCertificateRequest(keys, device.serialNumber)).toString('base64');
    const renewal = { ...device.common(), certificateRequest: request };
    learn(await send('renew-certificate', device.write('renew-certificate', renewal)));
    device.keys = keys;
    await send('deregister', device.write('deregister', device.common()));
  }
  await client.close();
  expect(countOf(kinds)).toEqual(Object.fromEntries(deviceMessageKinds.map((kind) => [kind, lives])));
  const rows = await db
    .selectFrom('product_instances')
    .select('state')
    .where('account_id', '=', accountId)
    .execute();
  expect(rows.map(({ state }) => state)).toEqual(Array.from({ length: lives }, () => 'deregistered'));
  const { uses } = await db
    .selectFrom('registration_tokens')
    .select('uses')
    .where('token_id', '=', token.tokenId)
    .executeTakeFirstOrThrow();
  expect(uses).toBe(lives);
  const changes = await db
    .selectFrom('usage_changes')
    .select(['from_count', 'to_count'])
    .where('account_id', '=', accountId)
    .execute();
  expect(changes).toHaveLength(2 * lives);
  expect(await examine(db)).toEqual([]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createToken } from '@estover/protocol';
import { createEmptyDatabase, deliver, examine } from '@estover/server/testing';
import { sql } from 'kysely';
import { beforeAll, expect, it } from 'vitest';
import { type Child, startChild } from './harness/child.ts';
import { closedAtEnd } from './harness/closed-at-end.ts';
import { type Installation, openInstallation } from './harness/installation.ts';
import { drawnSeed, sizeOf } from './harness/seed.ts';

const agents = 4;
const kills = Math.ceil((sizeOf('CRASH_KILLS', 200) * 0.5) / agents);
const random = drawnSeed('crashed-agents');
const program = join(import.meta.dirname, 'harness/run-agent.ts');

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let installation: Installation;
let folder: string;

const keep = closedAtEnd();
beforeAll(async () => {
  database = keep(await createEmptyDatabase());
  installation = keep(await openInstallation(1, database.connectionString));
  folder = mkdtempSync(join(tmpdir(), 'estover-agents-'));
  keep({ close: async () => rmSync(folder, { recursive: true, force: true }) });
}, 180_000);

/** The last number that a process said after a word. */
function lastOf(word: string, { lines }: Child): number | undefined {
  const said = lines.filter((line) => line.startsWith(`${word} `)).at(-1);
  return said === undefined ? undefined : Number(said.split(' ')[1]);
}

it('agents killed at any point tell what they kept, once, and are registered once', async () => {
  const { world, db, addresses } = installation;
  const tag = world.catalog.security;
  const customer = await world.account('A');
  const { accountId } = customer;
  await deliver(world, customer, { tag, quantity: 10, virtualAccount: 'A' });
  // Exactly as many uses as there are agents: a registration that is made twice finds none left.
  const { secret, token } = await customer.administrator.call(createToken, {
    params: { accountId, virtualAccountId: customer.place('A') },
    body: { maximumUses: agents },
  });
  const start = (serial: string, ...more: string[]) =>
    startChild(program, [join(folder, serial), addresses[0] ?? '', serial, secret, tag, ...more], {});

  const life = async (serial: string): Promise<number> => {
    let durable = 0;
    for (let kill = 0; kill < kills; kill++) {
      const agent = start(serial);
      // Some die while they start or register, most while they work.
      if (random.chance(0.85)) {
        const rounds = 1 + random.below(4);
        await agent.line(() => agent.lines.length >= rounds);
        await wait(random.below(25));
      } else {
        await wait(random.below(600));
      }
      await agent.end('SIGKILL');
      expect(agent.errors()).toBe('');
      durable = Math.max(durable, lastOf('durable', agent) ?? 0);
    }
    const last = start(serial, 'once');
    expect([await last.ended, last.errors()]).toEqual([{ code: 0, signal: null }, '']);
    const told = lastOf('told', last) ?? -1;
    // What was said to be durable is kept; one more may have been, without its being said.
    expect([durable, durable + 1]).toContain(told);
    return told;
  };
  const serials = Array.from({ length: agents }, (_, index) => `SN-${index}`);
  const told = await Promise.all(serials.map(life));
  console.log(`${kills * agents} kills of agents; counts told in the end: ${told.join(', ')}`);

  const { rows: instances } = await sql<{ serial: string; state: string; count: number }>`
    select i.serial_number as serial, i.state, coalesce(u.count, 0) as count
      from product_instances i left join instance_usage u using (account_id, instance_id)
     where i.account_id = ${accountId} order by 1`.execute(db);
  expect(instances).toEqual(
    serials.map((serial, index) => ({ serial, state: 'registered', count: told[index] })),
  );
  const { uses } = await db
    .selectFrom('registration_tokens')
    .select('uses')
    .where('token_id', '=', token.tokenId)
    .executeTakeFirstOrThrow();
  expect(uses).toBe(agents);
  // Use only ever grew, and no step of it was counted twice.
  const { rows: steps } = await sql<{ broken: number }>`
    select count(*) as broken from (
      select from_count, to_count,
             lag(to_count, 1, 0::bigint) over (partition by instance_id order by at, change_id) as earlier
        from usage_changes where account_id = ${accountId}) c
     where to_count <= from_count or from_count <> earlier`.execute(db);
  expect(steps).toEqual([{ broken: 0 }]);
  const alerts = await db
    .selectFrom('alerts')
    .select('kind')
    .where('account_id', '=', accountId)
    .where('kind', '<>', 'insufficient-licenses')
    .execute();
  expect(alerts).toEqual([]);
  expect(await examine(db)).toEqual([]);
  expect(installation.servers.flatMap((server) => server.complaints())).toEqual([]);
});

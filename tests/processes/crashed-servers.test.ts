import { setTimeout as wait } from 'node:timers/promises';
import { createEmptyDatabase, examine } from '@estover/server/testing';
import { beforeAll, expect, it } from 'vitest';
import { closedAtEnd } from './harness/closed-at-end.ts';
import { type Installation, openInstallation } from './harness/installation.ts';
import { expectExactly } from './harness/journal.ts';
import { drawnSeed, sizeOf } from './harness/seed.ts';
import type { ServerUnderTest } from './harness/servers.ts';
import { startStream } from './harness/stream.ts';

/** Of all the kills of an ordinary run (200), a fifth are those of servers, which take longest to start again. */
const kills = Math.ceil(sizeOf('CRASH_KILLS', 200) / 5);
const random = drawnSeed('crashed-servers');

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let installation: Installation;

const keep = closedAtEnd();
beforeAll(async () => {
  database = keep(await createEmptyDatabase());
  installation = keep(await openInstallation(3, database.connectionString));
}, 180_000);

it('servers killed at any point of their work lose nothing that was acknowledged and double nothing', async () => {
  const { servers, addresses, world, db } = installation;
  const stream = await startStream(world, addresses, random);
  const starting = new Map<ServerUnderTest, Promise<void>>();
  for (let kill = 0; kill < kills; kill++) {
    await stream.progress(1 + random.below(8));
    await wait(random.below(20));
    let living = servers.filter((server) => server.running() && !starting.has(server));
    while (living.length === 0) {
      await Promise.race(starting.values());
      living = servers.filter((server) => server.running() && !starting.has(server));
    }
    const victim = random.pick(living);
    await victim.kill();
    starting.set(
      victim,
      victim.start().finally(() => starting.delete(victim)),
    );
  }
  await Promise.all(starting.values());
  await stream.end();
  const { experience, journal } = stream;
  console.log(
    `${kills} kills of servers: ${JSON.stringify(experience)}; ${journal.movements.size} transfers`,
  );
  expect(experience.violations).toEqual([]);
  expect(experience.broken).toBeGreaterThan(kills / 2);
  await expectExactly(db, journal);
  expect(await examine(db)).toEqual([]);
  expect(servers.flatMap((server) => server.complaints())).toEqual([]);
});

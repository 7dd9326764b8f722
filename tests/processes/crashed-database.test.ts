import { setTimeout as wait } from 'node:timers/promises';
import { examine } from '@estover/server/testing';
import { beforeAll, expect, it } from 'vitest';
import { closedAtEnd } from './harness/closed-at-end.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { type Installation, openInstallation } from './harness/installation.ts';
import { expectExactly } from './harness/journal.ts';
import { drawnSeed, sizeOf } from './harness/seed.ts';
import { readyAgain } from './harness/servers.ts';
import { startStream } from './harness/stream.ts';

const all = sizeOf('CRASH_KILLS', 200);
const random = drawnSeed('crashed-database');

let cluster: Cluster;
let installation: Installation;

const keep = closedAtEnd();
beforeAll(async () => {
  cluster = keep(await startCluster());
  installation = keep(await openInstallation(2, cluster.connectionString));
}, 180_000);

/** Ways for a database to end, and how many of the kills of an ordinary run each has. */
const ends: [name: string, times: number, end: () => Promise<void>][] = [
  ['a process of the database is killed', Math.ceil(all * 0.2), () => cluster.killBackend(random)],
  ['the main process of the database is killed', Math.ceil(all * 0.05), () => cluster.restart('SIGKILL')],
  ['the database is restarted fast', 3, () => cluster.restart('SIGINT')],
  ['the database is restarted at once', 3, () => cluster.restart('SIGQUIT')],
];

it.each(ends)('%s, %i times: the servers stay up, say so meanwhile, and go on', async (_, times, end) => {
  const { servers, addresses, world, db } = installation;
  const before = servers.map((server) => server.pid());
  const stream = await startStream(world, addresses, random);
  const recoveries: number[] = [];
  for (let kill = 0; kill < times; kill++) {
    await stream.progress(1 + random.below(12));
    await wait(random.below(30));
    const began = performance.now();
    await end();
    // A kill while the servers still come back is worth something too, but not every time.
    if (random.chance(0.2)) continue;
    await Promise.all(servers.map(readyAgain));
    recoveries.push(Math.round(performance.now() - began));
  }
  await Promise.all(servers.map(readyAgain));
  await stream.end();
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

import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { newOperatorKey } from '@estover/server/process';
import { examine } from '@estover/server/testing';
import { expect, it } from 'vitest';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import { borrowEmbeddedDatabase } from '../../packages/server/src/database/embedded/index.ts';
import { isDatabaseAway } from '../../packages/server/src/database/transaction.ts';
import { startChild } from './harness/child.ts';
import { closedAtEnd } from './harness/closed-at-end.ts';
import { startCluster } from './harness/cluster.ts';
import { openInstallation } from './harness/installation.ts';
import { expectExactly } from './harness/journal.ts';
import { drawnSeed } from './harness/seed.ts';
import { createServer, readyAgain } from './harness/servers.ts';
import { mountSmallDisk } from './harness/small-disk.ts';
import { type Stream, startStream } from './harness/stream.ts';
import { openWorld } from './harness/world.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const operatorKey = newOperatorKey();
const command = join(import.meta.dirname, '../../packages/cli/src/main.ts');
const random = drawnSeed('own-database');
const disk = mountSmallDisk(200);
const keep = closedAtEnd();
keep({ close: async () => disk?.remove() });

/** Registered only for who may mount a disk, as for other tests that need root. */
const onSmallDisk: (name: string, run: (folder: NonNullable<typeof disk>) => Promise<void>) => void =
  disk === undefined ? () => undefined : (name, run) => it(name, () => run(disk));

/** Waits until clients were told so many more times to come later. */
async function refusedAgain(stream: Stream, times: number): Promise<void> {
  const { experience } = stream;
  for (const goal = experience.unavailable + times; experience.unavailable < goal; ) await wait(20);
}

/** Uses up what is left of the log's file, so that the database wants another one and has no room for it. */
async function exhaustLog(connectionString: string): Promise<void> {
  const { pool, close } = openDatabase(connectionString, { connections: 1 });
  try {
    for (let megabytes = 0; megabytes < 40; megabytes++) {
      await pool.query(`select pg_logical_emit_message(false, 'test', repeat('x', 1000000))`);
    }
    throw new Error('the log found room');
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
  } finally {
    await close();
  }
}

/** A server with a database of its own in its data folder, as `npm start` runs it. */
async function startOwn(dataFolder: string) {
  const server = await createServer({ dataFolder, operatorKey });
  await server.start();
  return server;
}

/** The postmaster's process. Its file is away for a moment while the database starts again. */
async function postmasterOf(dataFolder: string): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return Number(readFileSync(join(dataFolder, 'database/cluster/postmaster.pid'), 'utf8').split('\n')[0]);
    } catch (error) {
      if (tries === 300) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

it('a server whose own database is killed starts it again; one that is killed itself finds it again', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'estover-own-'));
  chmodSync(dataFolder, 0o755);
  const server = await startOwn(dataFolder);
  try {
    const { connectionString } = await borrowEmbeddedDatabase(dataFolder, silent);
    const database = openDatabase(connectionString, { connections: 2 });
    const stream = await startStream(
      await openWorld(database.db, server.address, operatorKey),
      [server.address],
      random,
    );
    const pid = server.pid();
    const recoveries: number[] = [];
    for (let kill = 0; kill < 3; kill++) {
      await stream.progress(10);
      const [began, killed] = [performance.now(), await postmasterOf(dataFolder)];
      process.kill(killed, 'SIGKILL');
      while ((await postmasterOf(dataFolder)) === killed) await wait(5);
      await readyAgain(server);
      recoveries.push(Math.round(performance.now() - began));
    }
    expect(server.pid()).toBe(pid);

    // The server dies alone, and then with its database: the next one takes over what runs, or recovers what does not.
    await stream.progress(10);
    const left = await postmasterOf(dataFolder);
    await server.kill();
    await server.start();
    expect(await postmasterOf(dataFolder)).toBe(left);
    await stream.progress(10);
    process.kill(await postmasterOf(dataFolder), 'SIGKILL');
    await server.kill();
    await server.start();
    await stream.progress(10);
    await stream.end();
    console.log(
      `own database ready again after ${recoveries.join(', ')} ms; ${JSON.stringify(stream.experience)}`,
    );
    expect(stream.experience.violations).toEqual([]);
    await expectExactly(database.db, stream.journal);

    // The command recounts the same beside the running server.
    const doctor = startChild(command, ['doctor', '--json', '--data-folder', dataFolder], {});
    const { code } = await doctor.ended;
    expect([code, JSON.parse(doctor.lines.join('\n'))]).toMatchObject([0, { healthy: true, findings: [] }]);
    await database.close();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  } finally {
    if (server.running()) await server.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  }
});

onSmallDisk(
  'a full disk loses nothing: clients are told to come later, and all goes on when there is room',
  async ({ folder, fill, relieve }) => {
    const cluster = keep(await startCluster(folder));
    const installation = keep(await openInstallation(2, cluster.connectionString));
    const { servers, addresses, world, db } = installation;
    try {
      const before = servers.map((server) => server.pid());
      const stream = await startStream(world, addresses, random);
      await stream.progress(30);
      for (let round = 0; round < 2; round++) {
        // Tables have no room to grow: what would need it is refused, and the database runs on.
        fill();
        await refusedAgain(stream, 20);
        relieve();
        await stream.progress(20);
      }
      // The log has no room: the database ends and cannot start until there is some.
      fill();
      await exhaustLog(cluster.connectionString);
      fill();
      await refusedAgain(stream, 40);
      expect(readFileSync(join(folder, 'database/postgres.log'), 'utf8')).toMatch(/PANIC.*No space left/);
      relieve();
      const ready = await Promise.all(servers.map(readyAgain));
      await stream.progress(20);
      await stream.end();
      const { experience, journal } = stream;
      console.log(
        `ready ${Math.max(...ready)} ms after there was room; ${JSON.stringify(experience)}; ${journal.movements.size} transfers`,
      );
      expect(experience.violations).toEqual([]);
      expect(servers.map((server) => (server.running() ? server.pid() : 'ended'))).toEqual(before);
      await expectExactly(db, journal);
      expect(await examine(db)).toEqual([]);
      expect(servers.flatMap((server) => server.complaints())).toEqual([]);
    } finally {
      relieve();
    }
  },
);

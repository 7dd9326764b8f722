import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import { borrowEmbeddedDatabase } from '../../packages/server/src/database/embedded/index.ts';
import { familyOf, memoryMbOf } from '../harness/processes.ts';
import { failed } from '../harness/results.ts';
import type { Bench, BenchDatabase, BenchServer, Figure, Scenario } from '../harness/scenario.ts';
import { createMessageWriter } from '../load/authorize-messages.ts';
import { type Fleet, sendAsFastAsPossible } from '../load/fleet.ts';
import { type Seeded, seedInstances } from '../load/seed-instances.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Starts of a server with its own database, and the memory of both: idle, and while reports come in. */
const starting: Scenario = {
  name: 'start',
  what: 'the first start in an empty folder, later starts with data, and memory, idle and under load',
  async run(bench) {
    const dataFolder = await bench.folder();
    const first = await bench.startServer({ dataFolder });
    const { seeded } = await withDatabaseOf(dataFolder, async (database) => ({
      seeded: await seedInstances(database, { instances: bench.quick ? 1_000 : 10_000, pools: 20 }),
    }));
    await first.stop();
    const later: number[] = [];
    let server = await bench.startServer({ dataFolder });
    later.push(server.readyAfterMs);
    while (later.length < (bench.quick ? 1 : 5)) {
      await server.stop();
      server = await bench.startServer({ dataFolder });
      later.push(server.readyAfterMs);
    }
    const median = later.toSorted((a, b) => a - b)[Math.floor(later.length / 2)] ?? Number.NaN;
    await wait(bench.quick ? 1_000 : 15_000);
    const idle = memoryOf(server);
    return [
      {
        name: 'start.first.seconds',
        value: first.readyAfterMs / 1000,
        unit: 's',
        note: 'an empty data folder, until /readyz answers 200',
      },
      {
        name: 'start.existing.seconds',
        value: median / 1000,
        unit: 's',
        note: `${seeded.instances.toLocaleString('en-US')} instances; median of ${later.length}, slowest ${(Math.max(...later) / 1000).toFixed(2)} s`,
      },
      ...memory('idle.mb', idle, 'server and embedded database, shared pages once'),
      ...(await underLoad(bench, dataFolder, server, seeded)),
    ];
  },
};

/** Memory at the end of ten seconds of reports as fast as they go. */
async function underLoad(
  bench: Bench,
  dataFolder: string,
  server: BenchServer,
  seeded: Seeded,
): Promise<Figure[]> {
  return withDatabaseOf(dataFolder, async (database) => {
    const writer = createMessageWriter(seeded);
    const fleet: Fleet = { bench, database, seeded, servers: [server], writer, changes: 0 };
    const { wrong } = await sendAsFastAsPossible(fleet, 256);
    const figures = memory(
      'loaded.mb',
      memoryOf(server),
      'the same, after reports over 256 connections as fast as they go',
    );
    return wrong === undefined ? figures : figures.map((figure) => failed(figure, wrong));
  });
}

/** The server's process and its embedded database, which is a child of it. */
const memoryOf = ({ processId }: BenchServer): number | undefined => memoryMbOf(familyOf(processId));

function memory(name: string, value: number | undefined, note: string): Figure[] {
  return value === undefined ? [] : [{ name, value, unit: 'MB', note }];
}

/** Works on the embedded database of a running server. */
async function withDatabaseOf<T>(
  dataFolder: string,
  work: (database: BenchDatabase) => Promise<T>,
): Promise<T> {
  const { connectionString, giveBack } = await borrowEmbeddedDatabase(dataFolder, silent);
  const opened = openDatabase(connectionString, { connections: 2 });
  try {
    return await work({ ...opened, connectionString });
  } finally {
    await opened.close();
    await giveBack();
  }
}

export const starts: readonly Scenario[] = [starting];

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenDatabase, openDatabase } from '../../packages/server/src/database/database.ts';
import {
  type EmbeddedDatabase,
  startEmbeddedDatabase,
} from '../../packages/server/src/database/embedded/index.ts';
import { migrate } from '../../packages/server/src/database/migrate.ts';
import { dropDatabase } from '../../packages/server/src/testing/drop-database.ts';
import type { Bench, BenchDatabase, Figure, Scenario, ServerOptions } from './scenario.ts';
import { startServer } from './server.ts';

const TEMPLATE = 'bench_template';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

type CleanUp = () => Promise<unknown>;

/** Runs scenarios on one PostgreSQL, started when the first of them asks for a database. */
export interface BenchRun {
  /** Runs a scenario and ends all that it started, whether it succeeds or not. */
  run(scenario: Scenario): Promise<Figure[]>;
  /** Ends everything at once: the scenario that runs now fails. */
  close(): Promise<void>;
}

export interface BenchRunOptions {
  readonly quick: boolean;
  readonly say: (line: string) => void;
  /** Folder for processor profiles of all servers; none are made without it. */
  readonly profileFolder?: string | undefined;
}

export function createBenchRun({ quick, say, profileFolder }: BenchRunOptions): BenchRun {
  const ofScenario: CleanUp[] = [];
  const ofRun: CleanUp[] = [];
  /** Where what is started now is noted to be ended. */
  let ending = ofScenario;
  const made = new Map<string, unknown>();
  let database: Promise<EmbeddedDatabase> | undefined;
  let processId: number | undefined;
  let databases = 0;

  const cleanUp = async (steps: CleanUp[]): Promise<void> => {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      await step().catch((thrown: unknown) => say(`cleaning up failed: ${String(thrown)}`));
    }
  };
  const newFolder = async (steps: CleanUp[]): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'estover-bench-'));
    steps.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    return folder;
  };

  const startDatabase = async (): Promise<EmbeddedDatabase> => {
    const dataFolder = await newFolder(ofRun);
    const embedded = await startEmbeddedDatabase({ dataFolder, log: silent });
    ofRun.push(() => embedded.stop());
    processId = embedded.processId();
    await administer(embedded, (pool) => pool.query(`create database ${TEMPLATE}`));
    const template = openDatabase(urlOf(embedded, TEMPLATE), { connections: 2 });
    await migrate(template.db, Temporal.Now.instant());
    await template.close();
    return embedded;
  };

  const bench: Bench = {
    quick,
    say,
    afterwards: (step) => void ending.push(step),
    folder: () => newFolder(ending),
    databaseProcess: () => processId,
    async shared<T>(key: string, make: () => Promise<T>): Promise<T> {
      if (!quick) return make();
      if (!made.has(key)) {
        // The database first: what is noted after it is ended before it.
        database ??= startDatabase();
        await database;
        ending = ofRun;
        try {
          made.set(key, await make());
        } finally {
          ending = ofScenario;
        }
      }
      return made.get(key) as T;
    },
    async database(): Promise<BenchDatabase> {
      database ??= startDatabase();
      const embedded = await database;
      databases += 1;
      const name = `bench_${databases}`;
      await administer(embedded, (pool) => pool.query(`create database ${name} template ${TEMPLATE}`));
      ending.push(() => administer(embedded, (pool) => dropDatabase(pool, name)));
      const connectionString = urlOf(embedded, name);
      const opened = openDatabase(connectionString, { connections: 4 });
      ending.push(() => opened.close());
      return { ...opened, connectionString };
    },
    async startServer(options: ServerOptions) {
      const dataFolder = options.dataFolder ?? (await newFolder(ending));
      const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
      const server = await startServer({
        ...options,
        dataFolder,
        nodeOptions: [...(options.nodeOptions ?? []), ...profile],
      });
      let stopping: Promise<void> | undefined;
      const stop = () => {
        stopping ??= server.stop();
        return stopping;
      };
      ending.push(stop);
      return { ...server, stop };
    },
  };

  return {
    async run(scenario) {
      try {
        return await scenario.run(bench);
      } finally {
        await cleanUp(ofScenario);
      }
    },
    async close() {
      await cleanUp(ofScenario);
      await cleanUp(ofRun);
    },
  };
}

function urlOf(embedded: EmbeddedDatabase, name: string): string {
  const url = new URL(embedded.connectionString);
  url.pathname = `/${name}`;
  return url.toString();
}

async function administer(
  embedded: EmbeddedDatabase,
  work: (pool: OpenDatabase['pool']) => Promise<unknown>,
): Promise<void> {
  const { pool, close } = openDatabase(embedded.connectionString, { connections: 1 });
  try {
    await work(pool);
  } finally {
    await close();
  }
}

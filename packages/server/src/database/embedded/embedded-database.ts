import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { reasonOf, StartError } from '../../process/start-error.ts';
import { createCluster } from './create-cluster.ts';
import { type DatabaseCredentials, loadCredentials } from './database-credentials.ts';
import { type DatabaseFolder, prepareDatabaseFolder } from './database-folder.ts';
import { askWhoItIs, connectionStringOf, prepareServerRole } from './database-session.ts';
import { lockFolder } from './folder-lock.ts';
import { type PostgresPrograms, preparePostgresPrograms } from './postgres-programs.ts';
import {
  type Listening,
  lastLogLines,
  launchPostmaster,
  type Postmaster,
  postmasterOf,
  readPidFile,
  stopPostmaster,
  watchPostmaster,
} from './postmaster.ts';
import { stillRuns } from './running-process.ts';
import { makeSocketFolder, removeSocketFolder } from './socket-folder.ts';

/** Where the embedded database reports what happens to it. A pino logger fits. */
export type DatabaseLog = Record<'info' | 'warn' | 'error', (details: object, message: string) => void>;

export type EmbeddedDatabaseOptions = {
  readonly dataFolder: string;
  readonly log: DatabaseLog;
  /** Listen on 127.0.0.1 as well, on this port or a free one when it is taken or 0. Without it: a socket file alone. */
  readonly port?: number;
};

export type EmbeddedDatabase = {
  /** A URL for the role and database of the server; stays the same until `stop`. Secret: it holds the password. */
  readonly connectionString: string;
  /** True when the database was already running, left behind by a server that was killed. */
  readonly adopted: boolean;
  /** The process id of the database's main process now; it changes when the database had to be started again. */
  processId(): number;
  /** Stops the database cleanly and frees the data folder. Calling it again waits for the same end. */
  stop(): Promise<void>;
  /** Tells the database to stop and does not wait, for a process that ends this very moment. */
  abandon(): void;
};

type Setting = {
  readonly place: DatabaseFolder;
  readonly programs: PostgresPrograms;
  readonly credentials: DatabaseCredentials;
  readonly log: DatabaseLog;
};

const ADOPT_WITHIN_MS = 10_000;
const READY_WITHIN_MS = 600_000;
const RESTART_PAUSES_MS = [0, 500, 1_000, 2_000, 5_000];

/**
 * Starts PostgreSQL in the data folder, or adopts the one a killed server left running there. One server at a time
 * may have the folder. Should the database die on its own it is started again at the same address.
 *
 * @throws StartError with one sentence on what was found and what to do.
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const { dataFolder, log, port } = options;
  if (process.platform === 'win32') {
    throw new StartError('The embedded database does not run on Windows. Set DATABASE_URL to a PostgreSQL.');
  }
  const place = await prepareDatabaseFolder(dataFolder, (message) => log.warn({}, message));
  const programs = await preparePostgresPrograms(place.user);
  const lock = await lockFolder(place.folder);
  try {
    const credentials = await loadCredentials(await realpath(dataFolder), place.cluster);
    const setting: Setting = { place, programs, credentials, log };
    if (!existsSync(place.cluster)) {
      log.info({ folder: place.folder }, 'Creating the database');
      await createCluster(place, programs, credentials);
    }
    const orphan = await adoptOrphan(setting);
    const running = orphan ?? (await startFresh(setting, port));
    await prepareServerRole(running.listening, credentials);
    return keepRunning(setting, running, orphan !== undefined, () => lock.release());
  } catch (thrown) {
    await lock.release();
    throw thrown;
  }
}

type Running = { readonly postmaster: Postmaster; readonly listening: Listening };

/** Takes over a postmaster that runs on our cluster, when it proves to be ours; ends it when it does not answer. */
async function adoptOrphan({ place, credentials, log }: Setting): Promise<Running | undefined> {
  const listening = await readPidFile(place.cluster);
  const found = listening && postmasterOf(listening, place.cluster);
  if (listening === undefined || found === undefined) return undefined;
  const postmaster = watchPostmaster(found);
  const gone = exitFlag(postmaster);
  const deadline = performance.now() + ADOPT_WITHIN_MS;
  const self = await askWhoItIs(listening, credentials, () => gone() || performance.now() > deadline);
  if (gone()) return undefined;
  if (self === undefined) {
    log.warn({ pid: found.pid }, 'The database that was left running does not answer; stopping it');
    await stopPostmaster(postmaster);
    return undefined;
  }
  if (self.dataFolder !== place.cluster || self.instance !== credentials.instance) {
    throw new StartError(
      `The process ${found.pid} is a database on ${self.dataFolder} that does not belong to the data folder with ` +
        `${place.cluster}. Stop it ("kill -INT ${found.pid}"), then start again.`,
    );
  }
  log.warn({ pid: found.pid }, 'Took over the database that an earlier server left running');
  return { postmaster, listening };
}

async function startFresh(setting: Setting, askedPort: number | undefined): Promise<Running> {
  const { place, log } = setting;
  const stale = await readPidFile(place.cluster);
  if (stale !== undefined) await removeSocketFolder(stale.socketFolder, place.folder);
  const socketFolder = await makeSocketFolder(place.folder, place.user);
  for (let attempt = 1; ; attempt++) {
    const port = askedPort === undefined ? 5432 : await freePort(attempt === 1 ? askedPort : 0);
    if (askedPort !== undefined && askedPort !== 0 && port !== askedPort) {
      log.warn({ asked: askedPort, port }, 'The port asked for the database is taken; using a free one');
    }
    const listening = { socketFolder, port, tcp: askedPort !== undefined };
    try {
      return { postmaster: await launchReady(setting, listening), listening };
    } catch (thrown) {
      // Another program may take the port between the look and the start.
      const portTaken =
        thrown instanceof StartError && /Address already in use|TCP\/IP socket/.test(thrown.message);
      if (askedPort !== undefined && portTaken && attempt < 4) continue;
      await removeSocketFolder(socketFolder, place.folder);
      throw thrown;
    }
  }
}

/** Launches the postmaster and waits until it answers, however long a recovery takes, telling that it goes on. */
async function launchReady(setting: Setting, listening: Listening): Promise<Postmaster> {
  const { place, programs, credentials, log } = setting;
  const postmaster = await launchPostmaster(place, programs, listening);
  const gone = exitFlag(postmaster);
  const began = performance.now();
  const progress = setInterval(() => {
    log.info({ seconds: Math.round((performance.now() - began) / 1000) }, 'The database is still starting');
  }, 3_000);
  try {
    const late = () => performance.now() - began > READY_WITHIN_MS;
    const self = await askWhoItIs(listening, credentials, () => gone() || late());
    if (self !== undefined) return postmaster;
    if (!gone()) await stopPostmaster(postmaster);
    throw new StartError(
      `The embedded database in ${place.cluster} did not start: ${lastLogLines(place.folder)} ` +
        `(all of it in ${place.folder}/postgres.log)`,
    );
  } catch (thrown) {
    if (!gone()) await stopPostmaster(postmaster);
    throw thrown;
  } finally {
    clearInterval(progress);
  }
}

/** Starts the database again whenever it dies by itself, until told to stop. */
function keepRunning(
  setting: Setting,
  { postmaster: first, listening }: Running,
  adopted: boolean,
  release: () => Promise<void>,
): EmbeddedDatabase {
  const { place, log } = setting;
  let postmaster = first;
  let stopped: Promise<void> | undefined;
  let restarting: Promise<void> = Promise.resolve();

  const restart = async () => {
    log.error({ pid: postmaster.process.pid }, 'The database ended unexpectedly; starting it again');
    for (let attempt = 0; stopped === undefined; attempt++) {
      await wait(RESTART_PAUSES_MS[attempt] ?? RESTART_PAUSES_MS.at(-1));
      if (stopped !== undefined) return;
      try {
        postmaster = await launchReady(setting, listening);
        log.info({ pid: postmaster.process.pid }, 'The database runs again');
        watch();
        return;
      } catch (thrown) {
        log.error({ reason: reasonOf(thrown) }, 'The database could not be started again; trying once more');
      }
    }
  };
  const watch = () => {
    postmaster.exited.then(() => {
      if (stopped === undefined) restarting = restart();
    });
  };
  watch();

  const end = async () => {
    await restarting;
    try {
      const how = await stopPostmaster(postmaster);
      if (how === 'forced')
        log.warn({}, 'The database had to be ended at once; it recovers at the next start');
      await removeSocketFolder(listening.socketFolder, place.folder);
    } finally {
      await release();
    }
  };
  return {
    connectionString: connectionStringOf(listening, setting.credentials),
    adopted,
    processId: () => postmaster.process.pid,
    stop() {
      stopped ??= end();
      return stopped;
    },
    abandon() {
      if (stillRuns(postmaster.process)) process.kill(postmaster.process.pid, 'SIGINT');
    },
  };
}

function exitFlag(postmaster: Postmaster): () => boolean {
  let gone = false;
  postmaster.exited.then(() => {
    gone = true;
  });
  return () => gone;
}

/** The asked port when it is free on 127.0.0.1, otherwise a free one. */
async function freePort(asked: number): Promise<number> {
  const probe = createServer();
  const listen = (port: number) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    probe.once('error', reject).listen(port, '127.0.0.1', () => {
      probe.removeListener('error', reject);
      resolve();
    });
    return promise;
  };
  await listen(asked).catch(() => listen(0));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The system gave no free port.');
  return address.port;
}

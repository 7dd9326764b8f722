import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { StartError, systemCodeOf } from '../../process/start-error.ts';
import { programEnvironment } from './create-cluster.ts';
import type { DatabaseFolder } from './database-folder.ts';
import type { PostgresPrograms } from './postgres-programs.ts';
import { findProcess, processesIn, type RunningProcess, stillRuns } from './running-process.ts';

/** Where a postmaster can be reached: always by a socket file in `socketFolder`, by TCP on 127.0.0.1 only if asked. */
export type Listening = { readonly socketFolder: string; readonly port: number; readonly tcp: boolean };

/** A running postmaster. `exited` settles when it is gone, for whatever reason. */
export type Postmaster = {
  readonly process: Pick<RunningProcess, 'pid' | 'startedAt'>;
  readonly exited: Promise<void>;
};

/** What `postmaster.pid` says; its process may be long gone, or another one by now. */
export type PidFile = Listening & { readonly pid: number };

const LOG_ROTATED_BYTES = 5_000_000;
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 5_000;

/** Reads `postmaster.pid` in the cluster; undefined when there is none that makes sense. */
export async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port, socketFolder, address] = text.split('\n').map((line) => line.trim());
  if (!Number.isSafeInteger(Number(pid)) || Number(pid) <= 0) return undefined;
  return {
    pid: Number(pid),
    port: Number(port ?? 0),
    socketFolder: socketFolder ?? '',
    tcp: address !== undefined && address !== '',
  };
}

/**
 * The process of `postmaster.pid` if it is truly a postmaster on this cluster. A living process id alone proves
 * nothing: after a crash or in a new container the id may belong to anything.
 */
export function postmasterOf(pidFile: PidFile, cluster: string): RunningProcess | undefined {
  const found = findProcess(pidFile.pid);
  if (found === undefined || !basename(found.command[0] ?? '').startsWith('postgres')) return undefined;
  if (found.folder !== undefined) return found.folder === cluster ? found : undefined;
  return found.command.join(' ').includes(cluster) ? found : undefined;
}

/** Watches a postmaster that is not our child, such as an adopted one. */
export function watchPostmaster(found: RunningProcess): Postmaster {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    if (stillRuns(found)) return;
    clearInterval(timer);
    resolve();
  }, 500);
  timer.unref();
  return { process: found, exited: promise };
}

/**
 * Starts a postmaster in a session of its own, so that Ctrl+C in the terminal reaches the server alone, which stops
 * the database after the last request. Returns as soon as the process runs, which is before it accepts connections.
 */
export async function launchPostmaster(
  { folder, cluster, user }: DatabaseFolder,
  programs: PostgresPrograms,
  listening: Listening,
): Promise<Postmaster> {
  await waitForRemains(cluster);
  const environment = programEnvironment();
  const stale = await readPidFile(cluster);
  // PostgreSQL takes any living process with the id in a stale postmaster.pid for a running postmaster, unless it is
  // told that the id is its grandparent's. The file stays, because it also guards the old shared memory.
  if (stale !== undefined) environment.PG_GRANDPARENT_PID = String(stale.pid);
  const log = openSync(rotatedLog(folder), 'a', 0o600);
  try {
    const child = spawn(programs.postgres, postgresOptions(cluster, listening), {
      cwd: folder,
      env: environment,
      stdio: ['ignore', log, log],
      detached: true,
      ...user,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    const { promise: spawned, resolve: started, reject } = Promise.withResolvers<void>();
    child.once('spawn', started).once('error', reject);
    await spawned.catch((thrown: unknown) => {
      throw new StartError(`Cannot run ${programs.postgres}: ${String(thrown)}.`);
    });
    child.unref();
    const pid = child.pid ?? 0;
    return { process: { pid, startedAt: findProcess(pid)?.startedAt ?? '' }, exited: promise };
  } finally {
    closeSync(log);
  }
}

/**
 * Stops a postmaster in its fast mode: open transactions are rolled back, everything is written. If that does not
 * end in time it is told to quit at once, which loses nothing either: the next start recovers from the log.
 */
export async function stopPostmaster({ process: postmaster }: Postmaster): Promise<'clean' | 'forced'> {
  if (await ended(postmaster, 'SIGINT', FAST_STOP_MS)) return 'clean';
  if (await ended(postmaster, 'SIGQUIT', IMMEDIATE_STOP_MS)) return 'forced';
  throw new Error(`The database (process ${postmaster.pid}) does not stop.`);
}

async function ended(
  postmaster: Postmaster['process'],
  signal: NodeJS.Signals,
  withinMs: number,
): Promise<boolean> {
  if (!stillRuns(postmaster)) return true;
  try {
    process.kill(postmaster.pid, signal);
  } catch (thrown) {
    // It may end by itself between the look and the signal.
    if (systemCodeOf(thrown) !== 'ESRCH') throw thrown;
  }
  for (const deadline = performance.now() + withinMs; performance.now() < deadline; ) {
    if (!stillRuns(postmaster)) return true;
    await wait(10);
  }
  return false;
}

/** The last lines of the database's log, for the message of a start that failed. */
export function lastLogLines(folder: string): string {
  const lines = readFileSync(join(folder, 'postgres.log'), 'utf8').trim().split('\n');
  return lines
    .filter((line) => /FATAL|PANIC|ERROR|HINT|could not/.test(line))
    .slice(-3)
    .join(' ');
}

/** When a postmaster dies alone its children notice and end; two generations must never meet on one cluster. */
async function waitForRemains(cluster: string): Promise<void> {
  const remains = () =>
    processesIn(cluster).filter(({ command }) => basename(command[0] ?? '').startsWith('postgres'));
  for (let round = 0; remains().length > 0; round++) {
    if (round === 500) {
      const ids = remains().map(({ pid }) => pid);
      throw new StartError(
        `The database in ${cluster} is still in use by the processes ${ids.join(', ')}. End them, then start again.`,
      );
    }
    await wait(20);
  }
}

function rotatedLog(folder: string): string {
  const file = join(folder, 'postgres.log');
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_ROTATED_BYTES) renameSync(file, `${file}.1`);
  return file;
}

/** Settings for a small machine that the server shares. They are given at each start, so a new release can change them. */
function postgresOptions(cluster: string, { socketFolder, port, tcp }: Listening): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: tcp ? '127.0.0.1' : '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    port,
    max_connections: 200,
    shared_buffers: '128MB',
    huge_pages: 'off',
    effective_cache_size: '512MB',
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    // Acknowledged is never lost: these three stay on.
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // Nothing replicates from the embedded database, so the log need not carry what replicas want.
    wal_level: 'minimal',
    max_wal_senders: 0,
    wal_compression: 'on',
    max_wal_size: '1GB',
    // Parallel queries want memory in /dev/shm, of which containers have little, and more cores than a small box has.
    max_parallel_workers_per_gather: 0,
    jit: 'off',
    // Refused statements are the server's to log. PostgreSQL would write their values, which may be secret.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    logging_collector: 'off',
    log_line_prefix: '%m [%p] ',
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

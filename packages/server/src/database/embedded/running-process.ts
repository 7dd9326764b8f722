import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemCodeOf } from '../../process/start-error.ts';

/** A process as the operating system sees it. `startedAt` is opaque: the same id with another value is another process. */
export type RunningProcess = {
  readonly pid: number;
  readonly startedAt: string;
  readonly command: readonly string[];
  /** The working folder; undefined where the system does not tell. */
  readonly folder: string | undefined;
};

/**
 * Looks a process up by its id. Answers undefined when no such process runs; a zombie no longer runs.
 * An id alone proves nothing, because ids are used again: compare `startedAt`, `command` or `folder`.
 */
export function findProcess(pid: number): RunningProcess | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? readFromProc(pid) : readFromPs(pid);
}

/** True while the process that was seen as `seen` still runs, and not another one that got its id. */
export function stillRuns(seen: Pick<RunningProcess, 'pid' | 'startedAt'>): boolean {
  return findProcess(seen.pid)?.startedAt === seen.startedAt;
}

/** All processes whose working folder is `folder` (a real path). Empty where the system does not tell working folders. */
export function processesIn(folder: string): RunningProcess[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && workingFolder(Number(name)) === folder)
    .map((name) => findProcess(Number(name)))
    .filter((found) => found !== undefined);
}

function readFromProc(pid: number): RunningProcess | undefined {
  try {
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses, so the fields
    // are counted from the last one: state is the first after it, the start time in clock ticks since boot the 20th.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startedAt] = [fields[0], fields[19]];
    if (startedAt === undefined || state === 'Z' || state === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((part) => part !== '');
    return { pid, startedAt, command, folder: workingFolder(pid) };
  } catch (thrown) {
    const code = systemCodeOf(thrown);
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw thrown;
  }
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function readFromPs(pid: number): RunningProcess | undefined {
  const answer = spawnSync('ps', ['-ww', '-p', String(pid), '-o', 'stat=,lstart=,command='], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  const match = /^\s*(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/m.exec(answer.stdout ?? '');
  const [, state, startedAt, command] = match ?? [];
  if (state === undefined || startedAt === undefined || state.startsWith('Z')) return undefined;
  return { pid, startedAt, command: (command ?? '').split(' '), folder: undefined };
}

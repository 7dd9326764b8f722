import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { AgentError } from './errors.ts';
import { type AgentState, agentStateSchema, initialState } from './state.ts';

const stateFile = 'state.json';
const lockFile = 'lock';
const temporaryPrefix = 'state.json.new-';

/** The agent's folder: one state file, replaced as a whole, and a lock that dies with its process. */
export interface Store {
  /** The state as it is on the disk; the initial one when there is none yet. */
  read(): AgentState;
  /** Changes whenever the file was replaced, by whomever. */
  version(): string;
  /**
   * Reads, changes and writes under the lock. The new state is durable when this resolves.
   * `change` returns the same object to write nothing.
   */
  update<Result>(
    change: (state: AgentState) => Promise<{ state: AgentState; result: Result }>,
  ): Promise<Result>;
}

export interface StoreOptions {
  /** How long to wait for another process that is writing. */
  lockWaitMilliseconds?: number;
}

/** Opens a folder, which only its owner may read; makes it when it is missing. */
export function openStore(folder: string, options: StoreOptions = {}): Store {
  const lockWaitMilliseconds = options.lockWaitMilliseconds ?? 10_000;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AgentError('folder-unusable', `The folder ${folder} cannot be made: ${reason(error)}`);
  }
  if ((statSync(folder).mode & 0o077) !== 0) {
    throw new AgentError(
      'folder-unusable',
      `The folder ${folder} can be read by others, and it holds a private key. Run: chmod 700 ${folder}`,
    );
  }

  const read = () => readState(folder);
  return {
    read,
    version: () => {
      const found = statSync(join(folder, stateFile), { throwIfNoEntry: false });
      return found === undefined ? '' : `${found.ino}/${found.mtimeMs}/${found.size}`;
    },
    update: async (change) => {
      const unlock = await lock(folder, lockWaitMilliseconds);
      try {
        removeLeftovers(folder);
        const before = read();
        const { state, result } = await change(before);
        if (state !== before) writeState(folder, state);
        return result;
      } finally {
        unlock();
      }
    },
  };
}

/**
 * A lock of the operating system, taken through an empty database file: it is free again as soon as its process is
 * gone, however it went, so no stale lock ever has to be recognised.
 */
async function lock(folder: string, waitMilliseconds: number): Promise<() => void> {
  const path = join(folder, lockFile);
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: 0 });
  const giveUpAt = performance.now() + waitMilliseconds;
  for (;;) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return () => database.close();
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) {
        database.close();
        throw new AgentError(
          'folder-busy',
          `The folder ${folder} is being written by another process. Try again, or stop that one.`,
        );
      }
      await pause(5 + Math.random() * 20);
    }
  }
}

/** SQLITE_BUSY and its extended forms. */
function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === 5
  );
}

function readState(folder: string): AgentState {
  const path = join(folder, stateFile);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return initialState;
    throw new AgentError('folder-unusable', `${path} cannot be read: ${reason(error)}`);
  }
  try {
    return agentStateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new AgentError(
      'state-damaged',
      `${path} is damaged or was written by another version, and was left as it is. Restore it from a backup, or move it away and register again with force. (${reason(error).slice(0, 200)})`,
    );
  }
}

/** Written aside, made durable, then put in place in one act: a reader sees the old state or the new one. */
function writeState(folder: string, state: AgentState): void {
  const temporary = join(folder, `${temporaryPrefix}${process.pid}`);
  const bytes = Buffer.from(`${JSON.stringify(state, null, 1)}\n`);
  const file = openSync(temporary, 'w', 0o600);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, join(folder, stateFile));
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** What a process that died while writing left behind. Only the holder of the lock may look. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(temporaryPrefix)) rmSync(join(folder, name), { force: true });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

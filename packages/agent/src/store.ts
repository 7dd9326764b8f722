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

  makeLockFile(folder);
  // States are never changed in place, so what was read once serves as long as the file says the same.
  let known: { text: string; state: AgentState } | undefined;
  const read = (): AgentState => {
    const text = readText(folder);
    if (text === undefined) return initialState;
    if (known?.text !== text) known = { text, state: parseState(folder, text) };
    return known.state;
  };
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
        if (state !== before) known = { text: writeState(folder, state), state };
        return result;
      } finally {
        unlock();
      }
    },
  };
}

/**
 * Only when there is none: a process that opens and closes a file gives up all locks that it holds on it (POSIX), which
 * would be those of another store here.
 */
function makeLockFile(folder: string): void {
  try {
    closeSync(openSync(join(folder, lockFile), 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw new AgentError('folder-unusable', `The folder ${folder} cannot be written: ${reason(error)}`);
  }
}

/**
 * A lock of the operating system, taken through an empty database file: it is free again as soon as its process is
 * gone, however it went, so no stale lock ever has to be recognised.
 */
async function lock(folder: string, waitMilliseconds: number): Promise<() => void> {
  const database = new DatabaseSync(join(folder, lockFile), { timeout: 0 });
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

/** The state file as it is; undefined when there is none yet. */
function readText(folder: string): string | undefined {
  const path = join(folder, stateFile);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new AgentError('folder-unusable', `${path} cannot be read: ${reason(error)}`);
  }
}

function parseState(folder: string, text: string): AgentState {
  const path = join(folder, stateFile);
  try {
    return agentStateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new AgentError(
      'state-damaged',
      `${path} is damaged or was written by another version, and was left as it is. Restore it from a backup, or move it away and register again with force. (${reason(error).slice(0, 200)})`,
    );
  }
}

/**
 * Written aside, made durable, then put in place in one act: a reader sees the old state or the new one. Returns what
 * was written.
 */
function writeState(folder: string, state: AgentState): string {
  const temporary = join(folder, `${temporaryPrefix}${process.pid}`);
  const text = `${JSON.stringify(state, null, 1)}\n`;
  const bytes = Buffer.from(text);
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
  return text;
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

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { StartError } from '../../process/start-error.ts';
import { findProcess, stillRuns } from './running-process.ts';

/** How often a holder shows that it lives, and how long a contender in another container watches for that sign. */
const HEARTBEAT_MS = 1_000;
const WATCH_MS = 4_000;
const MOST_ATTEMPTS = 25;

/** Where a process id means something: ids from another container or machine cannot be looked up here. */
type ProcessWorld = { readonly host: string; readonly boot: string; readonly processNamespace: string };
type Claim = { readonly pid: number; readonly startedAt: string; readonly world: ProcessWorld };

/** An exclusive right to a folder. Release it when nothing of ours touches the folder any more. */
export type FolderLock = { release(): Promise<void> };

/**
 * Takes the right to use `folder`, or throws a `StartError` that names the process which has it.
 *
 * Every contender writes a claim file of its own and then reads all others. Of two contenders at least the later
 * writer sees the earlier one, so two can never both hold the lock; both may step back, then they try again after a
 * random time. A holder puts a mark beside its claim, so that whoever comes later need not try again. Because no
 * file is ever shared, those of dead processes can be removed by anybody at any time. A claim holds the process id
 * and its start time, so that a recycled id does not keep a dead claim alive.
 */
export async function lockFolder(folder: string, watchMs = WATCH_MS): Promise<FolderLock> {
  const claims = join(folder, 'locks');
  await mkdir(claims, { recursive: true, mode: 0o700 });
  for (let attempt = 1; ; attempt++) {
    const own = await writeClaim(claims);
    const other = await otherLiveClaim(claims, own, watchMs);
    if (other === undefined) return await hold(own);
    await removeClaim(own);
    if (other.held || attempt === MOST_ATTEMPTS) {
      const where = other.claim.world.host === hostname() ? '' : ` on ${other.claim.world.host}`;
      throw new StartError(
        `The data folder's database (${folder}) is in use by the process ${other.claim.pid}${where}. ` +
          'Stop that server first, or give this one another data folder (ESTOVER_DATA_FOLDER).',
      );
    }
    await wait(Math.random() * 30 * attempt);
  }
}

async function hold(file: string): Promise<FolderLock> {
  await writeFile(markOf(file), '', { mode: 0o600 });
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A failed sign of life is not worth a crash: it matters only to contenders in other containers.
    utimes(file, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await removeClaim(file);
    },
  };
}

const markOf = (file: string) => file.replace(/\.json$/, '.held');

async function removeClaim(file: string): Promise<void> {
  await rm(markOf(file), { force: true });
  await rm(file, { force: true });
}

async function writeClaim(claims: string): Promise<string> {
  const self = findProcess(process.pid);
  if (self === undefined) throw new StartError('Cannot read the start time of this process from the system.');
  const claim: Claim = { pid: self.pid, startedAt: self.startedAt, world: processWorld() };
  const name = randomUUID();
  // Renaming makes the claim appear complete: nobody can read half of it.
  await writeFile(join(claims, `${name}.new`), JSON.stringify(claim), { mode: 0o600 });
  await rename(join(claims, `${name}.new`), join(claims, `${name}.json`));
  return join(claims, `${name}.json`);
}

/** Another claim whose process lives, one that holds first; claims of the dead are removed on the way. */
async function otherLiveClaim(
  claims: string,
  own: string,
  watchMs: number,
): Promise<{ claim: Claim; held: boolean } | undefined> {
  const names = (await readdir(claims)).filter(
    (name) => name.endsWith('.json') && join(claims, name) !== own,
  );
  const living: { claim: Claim; held: boolean }[] = [];
  for (const file of names.map((name) => join(claims, name))) {
    const claim = await readClaim(file);
    if (claim === 'gone') continue;
    if (claim !== 'unreadable' && (await lives(claim, file, watchMs))) {
      living.push({ claim, held: existsSync(markOf(file)) });
    } else {
      await removeClaim(file);
    }
  }
  return living.find(({ held }) => held) ?? living[0];
}

async function readClaim(file: string): Promise<Claim | 'gone' | 'unreadable'> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return 'gone';
  try {
    const { pid, startedAt, world } = JSON.parse(text) as Partial<Claim>;
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || world === undefined) return 'unreadable';
    return { pid, startedAt, world };
  } catch {
    // Claims appear complete by renaming, so only a lost write after a power cut leaves one like this.
    return 'unreadable';
  }
}

async function lives(claim: Claim, file: string, watchMs: number): Promise<boolean> {
  const here = processWorld();
  if (claim.world.host === here.host && claim.world.processNamespace === here.processNamespace) {
    return claim.world.boot === here.boot && stillRuns(claim);
  }
  const seen = await changedAt(file);
  await wait(watchMs);
  const later = await changedAt(file);
  return later !== undefined && later !== seen;
}

async function changedAt(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.mtimeMs;
}

function processWorld(): ProcessWorld {
  const read = (look: () => string) => {
    try {
      return look().trim();
    } catch {
      return '';
    }
  };
  return {
    host: hostname(),
    boot: read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    processNamespace: read(() => readlinkSync('/proc/self/ns/pid')),
  };
}

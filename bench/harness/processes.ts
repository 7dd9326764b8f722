import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts processor time in ticks of 10 ms, on every Linux that node runs on. */
const MS_PER_TICK = 10;

interface Stat {
  readonly parent: number;
  /** Own processor time, and that of children that have ended. */
  readonly cpuMs: number;
}

function statOf(pid: number): Stat | undefined {
  try {
    // The second field is the program's name in parentheses, which may hold anything; the others follow its end.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
    return { parent: Number(fields[1]), cpuMs: ticks * MS_PER_TICK };
  } catch {
    return undefined;
  }
}

/** A process and all that came from it and still live. Only the process itself where there is no /proc. */
export function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const child of numbersIn('/proc')) {
    const parent = statOf(child)?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const family = [pid];
  // The list grows while it is walked.
  for (const member of family) family.push(...(children.get(member) ?? []));
  return family;
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Milliseconds of processor time that a process and its children have used so far; undefined without /proc. */
export function cpuMsOf(pid: number): number | undefined {
  const times = familyOf(pid).map((member) => statOf(member)?.cpuMs);
  if (times[0] === undefined) return undefined;
  return times.reduce<number>((sum, time) => sum + (time ?? 0), 0);
}

/**
 * Memory of processes in MB (10^6 bytes), each shared page divided by the number of its users (PSS), so that the
 * database's shared buffers count once. Undefined where the kernel does not tell.
 */
export function memoryMbOf(pids: readonly number[]): number | undefined {
  let kilobytes = 0;
  for (const pid of pids) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      kilobytes += Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]);
    } catch {
      // A backend may end between the listing and the reading; one that lives and may not be read is no zero.
      if (statOf(pid) !== undefined) return undefined;
    }
  }
  return Number.isFinite(kilobytes) ? (kilobytes * 1024) / 1e6 : undefined;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Compiled sources are kept between starts, so that a process that is killed two hundred times starts quickly. */
const compileCache = join(tmpdir(), 'estover-processes-cache');
mkdirSync(compileCache, { recursive: true, mode: 0o700 });

/** A Node process of a test. */
export interface Child {
  readonly pid: number;
  /** Every line it printed. */
  readonly lines: readonly string[];
  /** What it wrote to its error output. */
  errors(): string;
  /** Resolves with the first line, printed before or after the call, that fits; rejects when the process ends first. */
  line(fits: (line: string) => boolean): Promise<string>;
  send(text: string): void;
  running(): boolean;
  /** How it ended; resolves once all it printed was read. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Runs a source file with the Node that runs this. */
export function startChild(
  file: string,
  words: readonly string[],
  environment: Record<string, string>,
): Child {
  const child = spawn(process.execPath, [file, ...words], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  living.add(child);
  child.stdin.on('error', () => undefined);
  const lines: string[] = [];
  const errors: string[] = [];
  const waiting = new Set<(line: string) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => void errors.push(text));
  const { promise: ended, resolve } = Promise.withResolvers<Awaited<Child['ended']>>();
  child.on('close', (code, signal) => {
    living.delete(child);
    resolve({ code, signal });
  });
  return {
    pid: child.pid ?? 0,
    lines,
    errors: () => errors.join(''),
    async line(fits) {
      const earlier = lines.find(fits);
      if (earlier !== undefined) return earlier;
      const found = Promise.withResolvers<string>();
      const look = (line: string) => {
        if (fits(line)) found.resolve(line);
      };
      waiting.add(look);
      try {
        return await Promise.race([
          found.promise,
          ended.then(({ code, signal }) => {
            throw new Error(
              `${file} ended (${signal ?? code}) before it was to: ${[...lines.slice(-5), ...errors].join('\n')}`,
            );
          }),
        ]);
      } finally {
        waiting.delete(look);
      }
    },
    send: (text) => void child.stdin.write(`${text}\n`),
    running: () => child.exitCode === null && child.signalCode === null,
    ended,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

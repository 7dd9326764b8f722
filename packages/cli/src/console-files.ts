import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const consolePackage = fileURLToPath(new URL('../../console/', import.meta.url));
const builtFolder = join(consolePackage, 'dist');

/**
 * The folder of the built console. Builds it first when it is missing or older than its sources, which takes some
 * seconds. Null when it is missing and this installation came without the sources' tools; the API works all the same.
 */
export async function provideConsole(say: (what: string) => void): Promise<string | null> {
  const built = join(builtFolder, 'index.html');
  const sources = ['src', 'public', 'index.html', '../protocol/src', '../domain/src'].map((name) =>
    join(consolePackage, name),
  );
  if (existsSync(built) && newest(sources) <= statSync(built).mtimeMs) return builtFolder;
  say('Building the console');
  const output: string[] = [];
  const code = await new Promise<number>((resolve) => {
    const child = spawn('npm', ['run', '--silent', 'build'], {
      cwd: consolePackage,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.on('error', () => resolve(1));
    child.on('close', (status) => resolve(status ?? 1));
  });
  if (code === 0) return builtFolder;
  if (existsSync(built)) return builtFolder;
  say(
    `The console could not be built; the API works without it. ${output.join('').trim().split('\n').at(-1) ?? ''}`,
  );
  return null;
}

function newest(paths: readonly string[]): number {
  return Math.max(
    0,
    ...paths
      .filter((path) => existsSync(path))
      .map((path) => {
        const stat = statSync(path);
        return stat.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : stat.mtimeMs;
      }),
  );
}

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { KnownBug } from './known-bugs.ts';

/** What a world found that lives with a known bug; undefined when it found nothing. */
export interface BugFound {
  seed: number;
  step: number;
  problem: string;
}

/** How a world is told to use a PostgreSQL that runs already: its address and the name of the template in it. */
export const databaseVariable = 'ESTOVER_SIMULATION_DATABASE';
export const templateVariable = 'ESTOVER_SIMULATION_TEMPLATE';

/**
 * Lets worlds live with a known bug, in a process of their own, until one finds it.
 *
 * @throws when the process did neither: the bug could not be put in, or the world broke
 */
export async function runWithBug(
  bug: KnownBug,
  database: { connectionString: string; template: string },
  words: readonly string[],
): Promise<BugFound | undefined> {
  const here = import.meta.dirname;
  const child = spawn(
    process.execPath,
    ['--import', join(here, 'put-in-bug.ts'), join(here, 'main.ts'), '--json', '--first', ...words],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ESTOVER_KNOWN_BUG: bug.name,
        [databaseVariable]: database.connectionString,
        [templateVariable]: database.template,
      },
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code === 0) return undefined;
  const last = output.trim().split('\n').at(-1) ?? '';
  if (code !== 1 || !last.startsWith('{'))
    throw new Error(`the world with ${bug.name} ended with ${code}: ${output}`);
  const report = JSON.parse(last) as { seed: number; steps: number; problems: string[] };
  return { seed: report.seed, step: report.steps, problem: report.problems.at(-1) ?? '' };
}

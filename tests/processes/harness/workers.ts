import { join } from 'node:path';
import { startChild } from './child.ts';
import type { Work, Worked } from './worker.ts';

const program = join(import.meta.dirname, 'worker.ts');

/** Starts a process for each piece of work and lets all of them begin at once. */
export async function startWorkers(
  connectionString: string,
  works: readonly Work[],
): Promise<{ go(): Promise<Worked[]> }> {
  const children = works.map((work) => startChild(program, [connectionString, JSON.stringify(work)], {}));
  await Promise.all(children.map((child) => child.line((line) => line === 'ready')));
  return {
    async go() {
      for (const child of children) child.send('go');
      return Promise.all(
        children.map(async (child) => {
          const { code } = await child.ended;
          if (code !== 0) throw new Error(`a worker failed: ${child.errors()}`);
          return JSON.parse(child.lines.at(-1) ?? '');
        }),
      );
    },
  };
}

/** Adds up what several did. */
export function together(worked: readonly Worked[]): Worked {
  const refused: Record<string, number> = {};
  for (const one of worked) {
    for (const [code, count] of Object.entries(one.refused)) refused[code] = (refused[code] ?? 0) + count;
  }
  return {
    done: worked.reduce((sum, { done }) => sum + done, 0),
    refused,
    ids: worked.flatMap(({ ids }) => ids),
  };
}

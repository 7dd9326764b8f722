import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newOperatorKey } from '@estover/server/process';

/** What the demo keeps between starts, readable by its owner alone. */
export interface DemoState {
  operatorKey: string;
  /** One password for the demo's people; made at the first start. */
  password: string;
  accountId: string | null;
  administratorKey: string | null;
  /** Registration tokens by virtual account. */
  tokens: Record<string, string>;
  /** Steps that were done, so that a start that was interrupted goes on where it stopped. */
  done: string[];
}

const fileOf = (dataFolder: string) => join(dataFolder, 'demo.json');

export async function openDemoState(dataFolder: string): Promise<DemoState> {
  try {
    return JSON.parse(await readFile(fileOf(dataFolder), 'utf8')) as DemoState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const state: DemoState = {
    operatorKey: newOperatorKey(),
    password: `demo-${randomBytes(6).toString('hex')}`,
    accountId: null,
    administratorKey: null,
    tokens: {},
    done: [],
  };
  await saveDemoState(dataFolder, state);
  return state;
}

export async function saveDemoState(dataFolder: string, state: DemoState): Promise<void> {
  await mkdir(dataFolder, { recursive: true });
  const draft = `${fileOf(dataFolder)}.new`;
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, fileOf(dataFolder));
}

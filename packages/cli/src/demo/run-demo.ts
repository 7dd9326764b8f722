import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient, setUp } from '@estover/protocol';
import { type AssemblyOptions, assembleServer } from '@estover/server/assemble';
import {
  createLog,
  loadConfig,
  runUntilStopped,
  type ServerProcess,
  startServerProcess,
} from '@estover/server/process';
import { provideConsole } from '../console-files.ts';
import { type RunningAgents, startAgents } from './demo-agents.ts';
import { readCompany } from './demo-files.ts';
import { type DemoState, openDemoState, saveDemoState } from './demo-state.ts';
import { createProgress, type Progress } from './progress.ts';
import { seedCompany } from './seed-company.ts';

const secondsBetweenEvents = 4;

export interface DemoOptions {
  dataFolder: string;
  port: string;
  agents: number;
  once: boolean;
}

/** Runs the demo until it is told to stop, and answers the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const progress = createProgress(process.stdout);
  const { dataFolder } = options;
  const consoleFolder = await progress.during('Console', () => provideConsole(() => {}));
  const state = await openDemoState(dataFolder);
  const log = createLog({
    ...(await configFor(options, state, options.port)),
    logLevel: 'warn',
    logFormat: 'pretty',
  });
  const stopping = new AbortController();
  let setUpLink: string | null = null;
  let life: Promise<void> | undefined;

  return runUntilStopped(async () => {
    const server = await progress.during('Database and server', () =>
      startServer(options, state, log, {
        consoleFolder,
        announceSetUp: (link) => {
          setUpLink = link;
        },
      }),
    );
    let agents: RunningAgents | undefined;
    const stop = async () => {
      stopping.abort();
      await life;
      await progress.during('Stopping the agents', async () => agents?.stop());
      await progress.during('Stopping the server and the database', () => server.stop());
    };
    try {
      if (setUpLink !== null) await makeOperator(server.address, setUpLink, state);
      await seedCompany({
        baseUrl: server.address,
        state,
        now: Temporal.Now.instant(),
        progress: progress.count,
        save: () => saveDemoState(dataFolder, state),
      });
      agents = await startAgents({
        dataFolder,
        serverUrl: server.address,
        tokens: state.tokens,
        limit: options.agents,
        random: Math.random,
        progress: (done, of) => progress.count('Agents', done, of),
      });
      await tellHowToSignIn(server, state, agents, progress);
      if (options.once) {
        process.kill(process.pid, 'SIGTERM');
      } else {
        life = live(agents, progress, stopping.signal);
      }
      return { ...server, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  }, log);
}

const configFor = ({ dataFolder }: DemoOptions, state: DemoState, port: string) =>
  loadConfig({
    environment: { ESTOVER_OPERATOR_KEY: state.operatorKey },
    options: { dataFolder: join(dataFolder, 'server'), host: '127.0.0.1', port },
    interactive: true,
  });

async function startServer(
  options: DemoOptions,
  state: DemoState,
  log: Parameters<typeof startServerProcess>[1],
  assembly: AssemblyOptions,
): Promise<ServerProcess> {
  const start = async (port: string) =>
    startServerProcess(await configFor(options, state, port), log, (parts) =>
      assembleServer(parts, assembly),
    );
  try {
    return await start(options.port);
  } catch (error) {
    if (options.port === '8080' && error instanceof Error && error.message.includes('is taken'))
      return start('0');
    throw error;
  }
}

/** Makes the publisher's operator with the link of the first start, as a person would in the browser. */
async function makeOperator(baseUrl: string, token: string, { password }: DemoState): Promise<void> {
  const { operator } = await readCompany();
  await createClient({ baseUrl }).call(setUp, { body: { token, password, ...operator } });
}

async function tellHowToSignIn(
  server: ServerProcess,
  state: DemoState,
  agents: RunningAgents,
  progress: Progress,
): Promise<void> {
  const { account, operator, people } = await readCompany();
  const statuses = agents.statuses();
  const short = statuses.filter(({ authorization }) => authorization.state === 'out-of-compliance').length;
  const units = statuses.flatMap(({ licenses }) => licenses).reduce((sum, { count }) => sum + count, 0);
  progress.say(`
${account.name} is open at  ${server.publicUrl}

  ${account.administrator.email.padEnd(38)} account administrator
${people.map((person) => `  ${person.email.padEnd(38)} ${person.role.replaceAll('-', ' ')}${person.scope === null ? '' : ` of ${person.scope.join(', ')}`}`).join('\n')}

  ${operator.email.padEnd(38)} the publisher's operator: accounts, catalog, orders

  password for each of them: ${state.password}

${statuses.length} agents use ${units.toLocaleString('en-US')} licenses; ${short} of them are out of compliance, and keep working.

API reference: ${server.publicUrl}/reference    Ctrl+C stops everything; the next start continues.
`);
}

/** Agents come, go and change until the demo is stopped. */
async function live(agents: RunningAgents, progress: Progress, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await wait(secondsBetweenEvents * 1000, undefined, { signal });
      const what = await agents.liveALittle();
      if (what !== null) progress.event(what);
    } catch (error) {
      if (signal.aborted) return;
      progress.event(`an agent met a problem: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type FaultLevel, faultLevelNames } from './fault-levels.ts';
import { databaseVariable, runWithBug, templateVariable } from './known-bug-run.ts';
import { type KnownBug, knownBugs } from './known-bugs.ts';
import { isLarge, runWorld, type WorldOptions, type WorldReport } from './world.ts';
import { borrowCluster, type DatabaseCluster, startCluster } from './world-database.ts';

const usage = `npm run simulate -- [options]

  --seeds N       lives the worlds 1 to N, or FROM-TO (default 1-10)
  --seed N        lives one world
  --agents N      agents in each (default 12)
  --days N        virtual days of each (default 60)
  --faults LEVEL  none, some or many (default many)
  --watch         shows everything that happens
  --json          prints a line of JSON for each world
  --first         stops at the first world in which something is wrong
  --known-bugs    puts one known bug after the other into the product and shows which world finds it
  --bug NAME      only this one`;

class UsageError extends Error {}

interface Command {
  seeds: number[];
  json: boolean;
  first: boolean;
  bugs: KnownBug[];
  options: Omit<WorldOptions, 'seed'>;
}

function readCommand(): Command | 'help' {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '1-10' },
      agents: { type: 'string', default: '12' },
      days: { type: 'string', default: '60' },
      faults: { type: 'string', default: 'many' },
      watch: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      first: { type: 'boolean', default: false },
      'known-bugs': { type: 'boolean', default: false },
      bug: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const faults = faultLevelNames.find((name) => name === values.faults);
  if (faults === undefined) throw new UsageError(`--faults is ${faultLevelNames.join(', ')}.`);
  const [from = '', to = from] = (values.seed ?? values.seeds).split('-');
  const first = whole('--seed', values.seed !== undefined || to !== from ? from : '1', 0);
  const last = whole('--seeds', to, first);
  const bugs = knownBugs.filter(({ name }) =>
    values.bug === undefined ? values['known-bugs'] : name === values.bug,
  );
  if (values.bug !== undefined && bugs.length === 0) {
    throw new UsageError(
      `There is no known bug ${values.bug}: ${knownBugs.map(({ name }) => name).join(', ')}.`,
    );
  }
  const show = (line: string) => console.log(line);
  return {
    json: values.json,
    first: values.first,
    bugs,
    seeds: Array.from({ length: last - first + 1 }, (_, index) => first + index),
    options: {
      agents: whole('--agents', values.agents, 2),
      days: whole('--days', values.days, 1),
      faults,
      ...(values.watch ? { show } : {}),
    },
  };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${name} is a whole number from ${least} on; found ${text}.`);
}

const replayOf = (
  seed: number,
  { agents, days, faults }: { agents: number; days: number; faults: FaultLevel },
) => `npm run simulate -- --seed ${seed} --agents ${agents} --days ${days} --faults ${faults}`;

function tell(report: WorldReport, options: Command['options']): void {
  const { seed, steps, requests, crashes, rounds, checks, seconds, cpuSeconds, problems, history } = report;
  const figures = `${steps} steps, ${requests} requests, ${report.faults} faults of the line, ${crashes} crashes, ${rounds} rounds, ${checks} checks, ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of this process)`;
  console.log(`seed ${seed}: ${problems.length === 0 ? 'all as it has to be' : 'WRONG'}; ${figures}`);
  if (problems.length === 0) return;
  console.log(`\nFound at step ${steps}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  console.log(
    `\nWhat happened before:\n${history.join('\n')}\n\nTo see it again: ${replayOf(seed, options)}\n`,
  );
}

/** Puts in one bug after the other. Returns 0 when every one was found. */
async function findBugs(cluster: DatabaseCluster, { seeds, bugs, options }: Command): Promise<number> {
  let missed = 0;
  for (const bug of bugs) {
    const { agents, faults } = options;
    const days = Math.max(options.days, bug.days ?? 0);
    const worlds = ['--seeds', `${seeds[0]}-${seeds.at(-1)}`];
    const words = [...worlds, '--agents', `${agents}`, '--days', `${days}`, '--faults', faults];
    const found = await runWithBug(bug, cluster, words);
    if (found === undefined) missed += 1;
    console.log(`${bug.name}: ${bug.what}`);
    console.log(
      found === undefined
        ? `  NOT FOUND by ${seeds.length} worlds`
        : `  found by seed ${found.seed} at step ${found.step}: ${found.problem.slice(0, 300)}`,
    );
  }
  console.log(`\n${bugs.length - missed} of ${bugs.length} known bugs were found`);
  return missed === 0 ? 0 : 1;
}

/**
 * Keeps this process and the database that it starts on one core, where the system can: they work in turns, and a turn
 * that goes to a core that sleeps waits for it to wake. A quarter less time, measured on two cores. Only for worlds of many
 * agents: where requests at once are most of what matters, they shall meet each other on all cores.
 */
function stayOnOneCore({ agents }: { agents: number }, seed: number): void {
  if (process.platform !== 'linux' || !isLarge(agents)) return;
  const core = `${seed % availableParallelism()}`;
  // Without the tool, or where it is not allowed, the world lives on all cores.
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, `${process.pid}`], { stdio: 'ignore' });
}

async function main(): Promise<number> {
  const command = readCommand();
  if (command === 'help') {
    console.log(usage);
    return 0;
  }
  const given = process.env[databaseVariable];
  if (given === undefined) stayOnOneCore(command.options, command.seeds[0] ?? 0);
  const cluster =
    given === undefined ? await startCluster() : borrowCluster(given, process.env[templateVariable] ?? '');
  // Whoever interrupts a long run leaves no database behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cluster.stop().finally(() => process.exit(130)));
  }
  try {
    if (command.bugs.length > 0) return await findBugs(cluster, command);
    let wrong = 0;
    for (const seed of command.seeds) {
      const report = await runWorld(cluster, { ...command.options, seed });
      if (command.json) console.log(JSON.stringify(report));
      else tell(report, command.options);
      if (report.problems.length > 0) wrong += 1;
      if (wrong > 0 && command.first) break;
    }
    return wrong === 0 ? 0 : 1;
  } finally {
    await cluster.stop();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || (error instanceof TypeError && 'code' in error))) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

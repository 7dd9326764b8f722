import { parseArgs } from 'node:util';
import { createBenchRun } from './harness/bench.ts';
import { hasFailed, mergeFigures, renderFigures } from './harness/results.ts';
import type { Figure } from './harness/scenario.ts';
import { documentFigures } from './harness/table.ts';
import { scenarios } from './scenarios/index.ts';

const help = `Usage: npm run bench -- [NAME…] [--quick] [--profile FOLDER] [--list] [--document]

Measures the scenarios whose names begin with a NAME, or all of them, prints a table and keeps the figures in
bench/latest.json.

  --quick     short windows and little data: shows that every scenario works, and keeps no figures
  --profile   writes a processor profile of every server into the folder
  --list      names the scenarios and measures nothing
  --document  writes the figures of bench/latest.json into docs/performance.md and measures nothing`;

/** 0 when all is well, 1 when a scenario or the run behind a figure failed, 2 when the command line is wrong. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      profile: { type: 'string' },
      list: { type: 'boolean', default: false },
      document: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (values.document) {
    console.log(await documentFigures());
    return 0;
  }
  const strange = positionals.find((wanted) => !scenarios.some(({ name }) => name.startsWith(wanted)));
  if (strange !== undefined) {
    console.error(`There is no scenario ${strange}. "npm run bench -- --list" names them all.`);
    return 2;
  }
  const chosen = scenarios.filter(
    ({ name }) => positionals.length === 0 || positionals.some((wanted) => name.startsWith(wanted)),
  );
  if (values.list) {
    const width = Math.max(...chosen.map(({ name }) => name.length));
    for (const { name, what } of chosen) console.log(`${name.padEnd(width)}  ${what}`);
    return 0;
  }
  return measure(chosen, values.quick, values.profile);
}

async function measure(
  chosen: typeof scenarios,
  quick: boolean,
  profileFolder: string | undefined,
): Promise<number> {
  let interrupted: Promise<number> | undefined;
  const say = (line: string) => {
    // What breaks while everything is being ended is no news.
    if (interrupted === undefined) console.error(`  ${line}`);
  };
  const run = createBenchRun({ quick, say, profileFolder });
  const interrupt = (signal: NodeJS.Signals) => {
    // A second Ctrl+C does not wait for the cleaning up.
    if (interrupted !== undefined) process.exit(1);
    console.error(`\n${signal}: ending what was started`);
    interrupted = run.close().then(() => (signal === 'SIGINT' ? 130 : 143));
    void interrupted.then((code) => process.exit(code));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

  const figures: Figure[] = [];
  const broken: string[] = [];
  for (const [index, scenario] of chosen.entries()) {
    console.error(`${index + 1}/${chosen.length} ${scenario.name}: ${scenario.what}`);
    try {
      const fresh = await run.run(scenario);
      figures.push(...fresh);
      // After each scenario, so that an interrupted run keeps what it measured.
      if (!quick) await mergeFigures(fresh);
    } catch (thrown) {
      if (interrupted !== undefined) return interrupted;
      broken.push(scenario.name);
      console.error(`  failed: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    }
  }
  await run.close();
  console.log(`\n${renderFigures(figures)}`);
  const wrong = figures.filter(hasFailed).map(({ name }) => name);
  if (wrong.length > 0)
    console.log(`\nNot to be believed, because the run behind it failed: ${wrong.join(', ')}`);
  if (broken.length > 0) console.log(`\nFailed altogether: ${broken.join(', ')}`);
  return wrong.length + broken.length > 0 ? 1 : 0;
}

const code = await main().catch((thrown: unknown) => {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  return 2;
});
// Ends here even if a scenario forgot to let go, once everything written has left the process.
process.stdout.write('', () => process.exit(code));

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestReport } from './failures-reporter.ts';

/*
 * Everything `npm test` checks, one step after the other, and a closing line `N passed, N failed` that counts each test
 * and each step. Words after the command choose steps: `npm test -- types lint`.
 */

interface Outcome {
  passed: number;
  failed: number;
  /** What failed, in words, for the end of the output. */
  failures?: readonly string[];
}

interface Step {
  name: string;
  run(): Promise<Outcome>;
}

function execute(
  program: string,
  words: readonly string[],
  environment: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: 'inherit', env: { ...process.env, ...environment } });
    child.on('error', (error) => {
      console.error(`${program} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

const command = (name: string, program: string, ...words: string[]): Step => ({
  name,
  async run() {
    const code = await execute(program, words);
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  },
});

/** The tests of vitest projects, run side by side and counted from their own report. */
const tests = (name: string, projects: readonly string[] = [name]): Step => ({
  name,
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'estover-report-'));
    const report = join(folder, 'report.json');
    const reporter = join(import.meta.dirname, 'failures-reporter.ts');
    const chosen = projects.flatMap((project) => ['--project', project]);
    const words = ['run', ...chosen, '--reporter=default', `--reporter=${reporter}`];
    const code = await execute('vitest', words, { TEST_REPORT_FILE: report });
    try {
      const { passed, notPassed, failures } = JSON.parse(await readFile(report, 'utf8')) as TestReport;
      if (code !== 0 && failures.length === 0) failures.push(`vitest ended with exit code ${code}`);
      // What fails outside of the tests, before or after them, fails the step as well.
      return { passed, failed: Math.max(notPassed, failures.length > 0 ? 1 : 0), failures };
    } catch {
      return { passed: 0, failed: 1, failures: [`vitest ended with exit code ${code} and wrote no report`] };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

const steps: readonly Step[] = [
  command('types', 'npm', 'run', '--silent', 'types'),
  command('lint', 'npm', 'run', '--silent', 'lint'),
  command('unused', 'npm', 'run', '--silent', 'unused'),
  tests('unit'),
  // A world lives on one core; the tests of the server have the other one meanwhile.
  tests('server', ['server', 'simulation']),
  tests('processes'),
  command('build', 'npm', 'run', '--silent', 'build'),
  tests('browser'),
];

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no step ${unknown.join(', ')}. Steps: ${steps.map((step) => step.name).join(', ')}.`,
  );
  process.exit(2);
}

const sum: Outcome = { passed: 0, failed: 0 };
const lines: string[] = [];
for (const step of steps.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
  console.log(`\n── ${step.name}`);
  const began = performance.now();
  const { passed, failed, failures = [] } = await step.run();
  sum.passed += passed;
  sum.failed += failed;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  lines.push(
    `${failed === 0 ? 'ok    ' : 'FAILED'} ${step.name.padEnd(10)} ${String(passed).padStart(5)} passed ${seconds.padStart(7)} s`,
  );
  lines.push(...failures.map((failure) => `       ${failure.split('\n').slice(0, 8).join('\n       ')}`));
}
console.log(`\n${lines.join('\n')}\n\n${sum.passed} passed, ${sum.failed} failed`);
process.exit(sum.failed === 0 ? 0 : 1);

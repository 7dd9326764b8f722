import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** What a run of tests came to, for `scripts/test.ts`. */
export interface TestReport {
  passed: number;
  /** Tests that did not pass, for whatever reason: a skipped one has not passed. */
  notPassed: number;
  /** What failed, each with its place and first words: tests, files, hooks, and errors that nobody caught. */
  failures: string[];
}

interface Reason {
  message?: string | undefined;
  stack?: string | undefined;
}

/** Writes a `TestReport` to the file that TEST_REPORT_FILE names. */
export default class FailuresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly Reason[]): void {
    const report: TestReport = { passed: 0, notPassed: 0, failures: [] };
    for (const module of modules) {
      noteSuite(module, module.relativeModuleId, report);
      for (const suite of module.children.allSuites()) noteSuite(suite, placeOf(module, suite), report);
      for (const test of module.children.allTests()) noteTest(module, test, report);
    }
    for (const reason of unhandled) report.failures.push(`nobody caught: ${reason.stack ?? reason.message}`);
    const file = process.env.TEST_REPORT_FILE;
    if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  }
}

const placeOf = ({ relativeModuleId }: TestModule, { fullName }: TestSuite | TestCase): string =>
  `${relativeModuleId} > ${fullName}`;

/** Errors of a file or suite itself: it could not be loaded, or what runs before or after its tests failed. */
function noteSuite(suite: TestModule | TestSuite, place: string, { failures }: TestReport): void {
  for (const { message } of suite.errors()) failures.push(`${place}: ${message}`);
}

function noteTest(module: TestModule, test: TestCase, report: TestReport): void {
  const { state, errors } = test.result();
  if (state === 'passed') {
    report.passed += 1;
    return;
  }
  report.notPassed += 1;
  const why = errors?.map(({ message }) => message).join('; ') ?? state;
  report.failures.push(`${placeOf(module, test)}: ${why}`);
}

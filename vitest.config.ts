import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    passWithNoTests: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As many files at once as there are cores: most of a file's time the database or the browser works, not the tests.
    maxWorkers: '100%',
    // Modules are loaded once for all files of a worker: loading them again took as long as many a file's tests. So no test
    // may leave something behind in a module.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/{domain,protocol,agent,cli,console}/src/**/*.test.ts',
            'bench/**/*.test.ts',
            'tests/tidy/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'server',
          include: ['packages/server/src/**/*.test.ts', 'tests/server/**/*.test.ts'],
          globalSetup: ['packages/server/src/testing/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'simulation',
          include: ['packages/simulation/src/**/*.test.ts'],
          globalSetup: ['packages/server/src/testing/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          // Real server processes, killed and raced.
          name: 'processes',
          include: ['tests/processes/**/*.test.ts'],
          globalSetup: ['packages/server/src/testing/global-setup.ts'],
          maxWorkers: 2,
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          globalSetup: ['packages/server/src/testing/global-setup.ts'],
          maxWorkers: 2,
        },
      },
    ],
  },
});

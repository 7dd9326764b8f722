import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { runWithBug } from './known-bug-run.ts';
import { knownBugs } from './known-bugs.ts';
import { runWorld, type WorldOptions } from './world.ts';
import { borrowCluster, type DatabaseCluster } from './world-database.ts';

/** A world takes as long as the machine lets it; a limit is only for one that never ends. */
vi.setConfig({ testTimeout: 300_000 });

/** The migrated template of the test run, from which every test file clones its database. */
const template = 'estover_template';

let cluster: DatabaseCluster;
beforeAll(() => {
  cluster = borrowCluster(inject('databaseUrl'), template);
});
afterAll(() => cluster.stop());

/** Lives a world; what is wrong comes with what happened before and how to see it again. */
async function expectWell(options: WorldOptions): Promise<void> {
  const { problems, history, requests } = await runWorld(cluster, options);
  const { seed, agents, days, faults } = options;
  const replay = `npm run simulate -- --seed ${seed} --agents ${agents} --days ${days} --faults ${faults}`;
  expect(problems, `${replay}\n${problems.join('\n')}\n${history.join('\n')}`).toEqual([]);
  expect(requests).toBeGreaterThan(100);
}

it.each([1, 2, 3])(
  'everything adds up in the world of seed %i, with lost messages and crashes',
  async (seed) => {
    await expectWell({ seed, agents: 8, days: 12, faults: 'many' });
  },
);

it('everything adds up in a world without any trouble', async () => {
  await expectWell({ seed: 4, agents: 8, days: 12, faults: 'none' });
});

it('everything adds up in a world that nobody has seen before', async () => {
  const seed = Math.floor(Math.random() * 1_000_000);
  console.log(`the seed nobody has seen before is ${seed}`);
  await expectWell({ seed, agents: 8, days: 12, faults: 'many' });
});

it.each(knownBugs)('the text that $name takes out of the product is there once', ({ file, find }) => {
  const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
  expect(source.split(find)).toHaveLength(2);
});

it.each(['idempotency-key-forgotten', 'pool-forgotten-on-removal'])(
  'a world finds out when the product has the bug %s',
  async (name) => {
    const bug = knownBugs.find((known) => known.name === name);
    if (bug === undefined) throw new Error(`there is no bug ${name}`);
    const words = ['--seeds', '1-4', '--agents', '8', '--days', '20', '--faults', 'many'];
    const found = await runWithBug(bug, { connectionString: inject('databaseUrl'), template }, words);
    expect(found?.problem).toBeDefined();
  },
);

import { failed } from '../harness/results.ts';
import type { Bench, Figure, Scenario } from '../harness/scenario.ts';
import { refreshSenders, sendAsFastAsPossible, startFleet } from '../load/fleet.ts';
import { findPgbench, runPgbench } from '../load/pgbench.ts';

/** The two take turns, so that whatever else the machine does meets both. */
const rounds = ({ quick }: Bench) => (quick ? 1 : 3);
const secondsEach = ({ quick }: Bench) => (quick ? 2 : 5);
const clients = 64;
const connections = 256;

function timesPgbench(name: string, pools: number): Scenario {
  return {
    name: `${name}.times-pgbench`,
    what: `the server against pgbench with the same statements one report at a time, ${pools === 1 ? 'one pool' : `${pools} pools`}, in turns`,
    async run(bench) {
      const program = findPgbench();
      if (program === undefined) {
        bench.say('skipped: there is no pgbench on this machine');
        return [];
      }
      const fleet = await startFleet(bench, { instances: bench.quick ? 2_000 : 10_000, pools });
      const server: number[] = [];
      const peer: number[] = [];
      const databaseUs: number[] = [];
      let wrong: string | undefined;
      for (let round = 0; round < rounds(bench); round++) {
        const load = await sendAsFastAsPossible(fleet, connections, { windowMs: secondsEach(bench) * 1_000 });
        wrong ??= load.wrong;
        server.push(load.perSecond);
        const result = await runPgbench(program, fleet, { clients, seconds: secondsEach(bench) });
        peer.push(result.perSecond);
        if (result.databaseUs !== undefined) databaseUs.push(result.databaseUs);
        await refreshSenders(fleet);
      }
      const [ours, theirs] = [mean(server), mean(peer)];
      const cost = databaseUs.length === 0 ? '' : `database ${Math.round(mean(databaseUs))} µs; `;
      const figures: Figure[] = [
        {
          name: `${name}.times-pgbench`,
          value: ours / theirs,
          unit: '×',
          note: `${Math.round(ours)}/s over HTTP at ${connections} connections against ${Math.round(theirs)}/s`,
        },
        {
          name: `pgbench.${name.replace('authorizations.', '')}.${clients}.per-second`,
          value: theirs,
          unit: '1/s',
          note: `${cost}the work of a report alone: no HTTP, no signatures`,
        },
      ];
      return wrong === undefined ? figures : figures.map((figure) => failed(figure, wrong ?? ''));
    },
  };
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** The same two fleets against each other, in turns, on two databases of one PostgreSQL. */
const hotAgainstSpread: Scenario = {
  name: 'authorizations.hot-pool.times-100-pools',
  what: 'all reports in one pool against reports spread over 100 pools, in turns',
  async run(bench) {
    const instances = bench.quick ? 2_000 : 10_000;
    const hot = await startFleet(bench, { instances, pools: 1 });
    const spread = await startFleet(bench, { instances, pools: 100 });
    const rates: [hot: number[], spread: number[]] = [[], []];
    let wrong: string | undefined;
    for (let round = 0; round < rounds(bench); round++) {
      for (const [index, fleet] of [hot, spread].entries()) {
        const load = await sendAsFastAsPossible(fleet, connections, { windowMs: secondsEach(bench) * 1_000 });
        wrong ??= load.wrong;
        rates[index]?.push(load.perSecond);
      }
    }
    const [inOne, inMany] = [mean(rates[0]), mean(rates[1])];
    const figure = {
      name: 'authorizations.hot-pool.times-100-pools',
      value: inOne / inMany,
      unit: '×',
      note: `${Math.round(inOne)}/s against ${Math.round(inMany)}/s`,
    };
    return [wrong === undefined ? figure : failed(figure, wrong)];
  },
};

export const comparisons: readonly Scenario[] = [
  timesPgbench('authorizations.hot-pool', 1),
  timesPgbench('authorizations.100-pools', 100),
  hotAgainstSpread,
];

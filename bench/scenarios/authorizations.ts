import { failed } from '../harness/results.ts';
import type { Bench, Figure, Scenario } from '../harness/scenario.ts';
import { type CheckedLoad, sendAsFastAsPossible, sendMessages, startFleet } from '../load/fleet.ts';

/** The figures of one load: its rate, and its latencies at the median and at the 99th percentile. */
export function figuresOf(name: string, load: CheckedLoad, more = ''): Figure[] {
  const note = [
    load.cost,
    `${load.answered.toLocaleString('en-US')} in ${load.seconds.toFixed(1)} s`,
    ...(more === '' ? [] : [more]),
  ].join('; ');
  const figures: Figure[] = [{ name: `${name}.per-second`, value: load.perSecond, unit: '1/s', note }];
  if (load.latencyMs !== null) {
    figures.push(
      { name: `${name}.p50-ms`, value: load.latencyMs.p50, unit: 'ms', note: '' },
      { name: `${name}.p99-ms`, value: load.latencyMs.p99, unit: 'ms', note: '' },
    );
  }
  const { wrong } = load;
  return wrong === undefined ? figures : figures.map((figure) => failed(figure, wrong));
}

/** Instances of the fleets that are not about their number. */
const usualInstances = ({ quick }: Bench) => (quick ? 2_000 : 10_000);

function atConnections(pools: 'hot-pool' | '100-pools', connections: number): Scenario {
  const name = `authorizations.${pools}.${connections}`;
  return {
    name,
    what: `reports of changed use, signed both ways, ${pools === 'hot-pool' ? 'all in one pool' : 'spread over 100 pools'}, ${connections} connections`,
    async run(bench) {
      const fleet = await startFleet(bench, {
        instances: usualInstances(bench),
        pools: pools === 'hot-pool' ? 1 : 100,
      });
      return figuresOf(name, await sendAsFastAsPossible(fleet, connections));
    },
  };
}

/** The same load with ever more instances in the account, each sending in turn: what a message costs must not grow. */
function withInstances(word: string, instances: number, senders: number): Scenario {
  const name = `authorizations.${word}-instances.256`;
  return {
    name,
    what: `the same in an account with ${instances.toLocaleString('en-US')} instances, 100 pools, 256 connections`,
    async run(bench) {
      const fleet = await startFleet(
        bench,
        bench.quick ? { instances: usualInstances(bench), pools: 100 } : { instances, senders, pools: 100 },
      );
      const load = await sendAsFastAsPossible(fleet, 256);
      return figuresOf(name, load, `${fleet.seeded.senders.length.toLocaleString('en-US')} of them send`);
    },
  };
}

const twoServers: Scenario = {
  name: 'authorizations.two-servers.256',
  what: 'two server processes on one database and one hot pool, 256 connections in all',
  async run(bench) {
    const fleet = await startFleet(bench, { instances: usualInstances(bench), pools: 1, servers: 2 });
    return figuresOf('authorizations.two-servers.256', await sendAsFastAsPossible(fleet, 256));
  },
};

const heartbeats: Scenario = {
  name: 'authorizations.heartbeat.256',
  what: 'reports that change nothing, one hot pool, 256 connections',
  async run(bench) {
    const fleet = await startFleet(bench, { instances: usualInstances(bench), pools: 1 });
    const load = await sendAsFastAsPossible(fleet, 256, { report: 'heartbeat' });
    return figuresOf('authorizations.heartbeat.256', load);
  },
};

const signedAlone: Scenario = {
  name: 'authorizations.signed-alone.256',
  what: 'every answer with a signature of its own, for instances that do not ask for more, one hot pool, 256 connections',
  async run(bench) {
    const fleet = await startFleet(bench, { instances: usualInstances(bench), pools: 1 });
    const load = await sendAsFastAsPossible(fleet, 256, { signed: 'alone' });
    return figuresOf('authorizations.signed-alone.256', load);
  },
};

/** A steady rate, with latencies from when each report was due. The rate before the window fills the caches. */
function openLoop(perSecond: number): Scenario {
  const name = `authorizations.open-loop-${perSecond}`;
  return {
    name,
    what: `reports at a steady ${perSecond.toLocaleString('en-US')} a second, one hot pool, latency from when each was due`,
    async run(bench) {
      const fleet = await startFleet(bench, { instances: usualInstances(bench), pools: 1 });
      const [warmUpMs, windowMs] = bench.quick ? [500, 1_000] : [5_000, 20_000];
      bench.say(`signing ${(((warmUpMs + windowMs) / 1000) * perSecond).toLocaleString('en-US')} messages`);
      const load = await sendMessages(fleet, {
        connections: 256,
        count: ((warmUpMs + windowMs) / 1000) * perSecond,
        pace: { kind: 'open', perSecond, warmUpMs, windowMs },
      });
      const { latencyMs, wrong, cost } = load;
      const kept = `${Math.round(load.perSecond)}/s were answered; ${cost}`;
      const figures: Figure[] =
        latencyMs === null
          ? [{ name: `${name}.p99-ms`, value: windowMs, unit: 'ms', note: kept }]
          : [
              { name: `${name}.p50-ms`, value: latencyMs.p50, unit: 'ms', note: '' },
              { name: `${name}.p99-ms`, value: latencyMs.p99, unit: 'ms', note: kept },
              { name: `${name}.max-ms`, value: latencyMs.max, unit: 'ms', note: '' },
            ];
      return wrong === undefined ? figures : figures.map((figure) => failed(figure, wrong));
    },
  };
}

export const authorizations: readonly Scenario[] = [
  ...[64, 256, 1024].map((connections) => atConnections('hot-pool', connections)),
  ...[64, 256, 1024].map((connections) => atConnections('100-pools', connections)),
  heartbeats,
  signedAlone,
  twoServers,
  openLoop(5_000),
  withInstances('1k', 1_000, 1_000),
  withInstances('100k', 100_000, 100_000),
  withInstances('1m', 1_000_000, 100_000),
];

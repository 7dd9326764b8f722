import { parseArgs } from 'node:util';
import { type FaultLevel, faultLevelNames } from './fault-levels.ts';
import { runWorld, type WorldReport } from './world.ts';
import { startCluster } from './world-database.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    agents: { type: 'string', default: '12' },
    days: { type: 'string', default: '60' },
    faults: { type: 'string', default: 'many' },
    watch: { type: 'boolean', default: false },
  },
});
const cluster = await startCluster();
const report: WorldReport = await runWorld(cluster, {
  seed: Number(values.seed ?? 1),
  agents: Number(values.agents),
  days: Number(values.days),
  faults: faultLevelNames.find((name) => name === values.faults) as FaultLevel,
  ...(values.watch ? { show: (line: string) => console.log(line) } : {}),
});
console.log(report);
await cluster.stop();

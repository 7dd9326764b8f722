import type { Bench, Figure, Scenario } from '../harness/scenario.ts';
import { timeRequests } from '../harness/timed-requests.ts';
import { fill } from '../seed/fill.ts';
import { readingRequests } from './inventory-requests.ts';

const sizes = [
  { size: '1k', instances: 1_000 },
  { size: '100k', instances: 100_000 },
  { size: '1m', instances: 1_000_000 },
] as const;

const virtualAccounts = 10_000;

/** Reading as the console reads, in an account of 10,000 virtual accounts with more and more product instances. */
export const reading: readonly Scenario[] = sizes.map(({ size, instances }) => ({
  name: `reading.${size}`,
  what: `inventory, roll-up, instances, search, events of an account with ${instances.toLocaleString('en-US')} product instances`,
  run: (bench) => read(bench, size, bench.quick ? Math.min(instances, 2_000) : instances),
}));

async function read(bench: Bench, size: string, instances: number): Promise<Figure[]> {
  const database = await bench.database();
  const now = Temporal.Now.instant().round('second');
  const places = bench.quick ? 100 : virtualAccounts;
  const filled = await fill(
    database.connectionString,
    { instances, now, virtualAccounts: places },
    bench.say,
  );
  const server = await bench.startServer({ database });
  const timing = {
    address: server.address,
    apiKey: filled.apiKey,
    requests: bench.quick ? 4 : 60,
    mostSeconds: bench.quick ? 1 : 8,
  };
  const requests = readingRequests(filled, size, { instances, now });
  const prefix = instances === 1_000_000 ? 'rollup.10k' : `rollup.10k.${size}`;
  const rollUp = (name: string, note: string, query: string) => ({
    name: `${prefix}${name}.p95-ms`,
    note: `${places} virtual accounts in ten levels, ${instances} instances: ${note}`,
    path: () => `/api/v1/accounts/${filled.accountId}/virtual-accounts?rollUp=true${query}`,
  });
  const rollUps = [
    rollUp('', 'two levels with the sums of everything nested, as the console asks', '&levels=2&short=4'),
    rollUp('.below', 'what lies under one of them', `&levels=1&within=${filled.virtualAccounts.middle}`),
    rollUp('.whole', 'every line with its sums', ''),
  ];
  const figures: Figure[] = [];
  for (const request of [...requests, ...rollUps]) {
    const figure = await timeRequests(timing, request);
    bench.say(`${figure.name} ${figure.value.toFixed(1)} ms (${figure.note})`);
    figures.push(figure);
  }
  return figures;
}

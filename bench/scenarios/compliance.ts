import {
  createClient,
  createOrder,
  createSubstitution,
  deleteVirtualAccount,
  transferLicenses,
} from '@estover/protocol';
import type { Bench, BenchServer, Figure, Scenario } from '../harness/scenario.ts';
import { type Filled, fill } from '../seed/fill.ts';

const sizes = [
  { size: '1k', hot: 1_000 },
  { size: '100k', hot: 100_000 },
] as const;
const rounds = 20;

/**
 * Changes of what very many product instances use: their number must not matter, because pools are judged by their
 * counters. Two accounts, in whose hot pool 1,000 and 100,000 instances lie; the same changes in both. Last the virtual
 * account of the pool is deleted and all its instances move, which alone is work for each of them.
 */
export const compliance: Scenario = {
  name: 'compliance',
  what: 'a delivery, a transfer and a substitution for a license that 1,000 and 100,000 product instances use',
  run: measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  const medians = new Map<string, Map<string, number>>();
  for (const { size, hot } of sizes) {
    const database = await bench.database();
    const filled = await fill(
      database.connectionString,
      { instances: bench.quick ? 500 : hot, hotShare: 1, virtualAccounts: 20, licenses: 60, events: 1_000 },
      bench.say,
    );
    const server = await bench.startServer({ database });
    medians.set(size, await change(server, filled, bench.quick ? 2 : rounds));
    await server.stop();
  }
  const small = medians.get('1k') ?? new Map<string, number>();
  const large = medians.get('100k') ?? new Map<string, number>();
  return [...large].flatMap(([what, value]): Figure[] => {
    const other = small.get(what) ?? Number.NaN;
    const why = what === 'moved' ? '; each instance is moved with its history, so this must grow' : '';
    const note = `with 100,000 instances in the pool; ${other.toFixed(1)} ms with 1,000${why}`;
    const name = what === 'transfer' ? 'compliance' : `compliance.${what}`;
    return [
      { name: `${name}.100k-instances.ms`, value, unit: 'ms', note },
      {
        name: `${name}.100k-instances.times-1k`,
        value: value / other,
        unit: '×',
        note: `1 where the number of instances does not show${why}`,
      },
    ];
  });
}

/** Medians in ms of each kind of change, by its name. */
async function change(server: BenchServer, filled: Filled, times: number): Promise<Map<string, number>> {
  const account = createClient({ baseUrl: server.address, apiKey: filled.apiKey });
  const operator = createClient({ baseUrl: server.address, apiKey: server.operatorKey });
  const params = { accountId: filled.accountId };
  const { hot, top, stock } = filled.virtualAccounts;
  const transfer = (fromVirtualAccountId: string, toVirtualAccountId: string) =>
    account.call(transferLicenses, {
      params,
      body: { fromVirtualAccountId, toVirtualAccountId, lines: [{ tag: filled.commonTag, quantity: 1 }] },
    });
  const medians = new Map<string, number>();
  const time = async (what: string, count: number, work: (round: number) => Promise<unknown>) => {
    const spent: number[] = [];
    for (let round = 0; round < count; round++) {
      const began = performance.now();
      await work(round);
      spent.push(performance.now() - began);
    }
    spent.sort((left, right) => left - right);
    medians.set(what, spent[Math.floor(spent.length / 2)] ?? Number.NaN);
  };
  await transfer(hot, top);
  await time('transfer', times, (round) => (round % 2 === 0 ? transfer(top, hot) : transfer(hot, top)));
  await time('delivery', times, (round) =>
    operator.call(createOrder, {
      body: {
        orderNumber: `MEASURED-${round}`,
        buyer: 'Measurements',
        lines: [{ sku: 'SEED-0000-P', quantity: 1, account: filled.accountId, virtualAccount: hot }],
      },
    }),
  );
  await time('substitution', Math.min(times, 8), (round) =>
    operator.call(createSubstitution, {
      body: { upperTag: filled.tagOf(10 + round), lowerTag: filled.commonTag },
    }),
  );
  await time('moved', 1, () =>
    account.call(deleteVirtualAccount, {
      params: { ...params, virtualAccountId: hot },
      query: { contentsTo: stock },
    }),
  );
  return medians;
}

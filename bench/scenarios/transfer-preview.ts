import type { Bench, Figure, Scenario } from '../harness/scenario.ts';
import { timeRequests } from '../harness/timed-requests.ts';
import { fill } from '../seed/fill.ts';

const lines = 1_000;

/** A dry run of a transfer of many licenses at once, as the console asks for before it moves them. */
export const transferPreview: Scenario = {
  name: 'transfer-preview',
  what: `what a transfer of ${lines.toLocaleString('en-US')} lines would do, as a dry run`,
  run: preview,
};

async function preview(bench: Bench): Promise<Figure[]> {
  const database = await bench.database();
  const filled = await fill(
    database.connectionString,
    { instances: bench.quick ? 100 : 10_000, virtualAccounts: 100, licenses: lines, events: 1_000 },
    bench.say,
  );
  const server = await bench.startServer({ database });
  const timing = {
    address: server.address,
    apiKey: filled.apiKey,
    requests: bench.quick ? 2 : 60,
    mostSeconds: bench.quick ? 2 : 20,
  };
  const { stock, top } = filled.virtualAccounts;
  const request = (count: number) => ({
    name: `transfer-preview.${count}-lines.p95-ms`,
    note: `dry run over HTTP, ${count} licenses out of one virtual account into another`,
    path: () => `/api/v1/accounts/${filled.accountId}/license-transfers?dryRun=true`,
    body: () => ({
      fromVirtualAccountId: stock,
      toVirtualAccountId: top,
      lines: Array.from({ length: count }, (_, rank) => ({ tag: filled.tagOf(rank), quantity: 1 })),
    }),
  });
  const figures: Figure[] = [];
  for (const count of [10, 100, lines]) figures.push(await timeRequests(timing, request(count)));
  return figures;
}

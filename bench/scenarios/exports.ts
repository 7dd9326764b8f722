import { memoryMbOf } from '../harness/processes.ts';
import { failed } from '../harness/results.ts';
import type { Bench, BenchServer, Figure, Scenario } from '../harness/scenario.ts';
import { type Filled, fill } from '../seed/fill.ts';

const instances = 70_000;
/** How often the server's memory is looked at while it sends. */
const LOOK_EVERY_MS = 20;

/** Reports of many rows as files, with how long they take and how far the server's memory grows meanwhile. */
export const reports: Scenario = {
  name: 'exports',
  what: 'reports of 100,000 rows as XLSX, CSV and JSON, read at full speed',
  run: measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  const database = await bench.database();
  const filled = await fill(
    database.connectionString,
    { instances: bench.quick ? 1_000 : instances, virtualAccounts: bench.quick ? 50 : 1_000, events: 1_000 },
    bench.say,
  );
  const figures: Figure[] = [];
  const dataFolder = await bench.folder();
  for (const format of ['xlsx', 'csv', 'json'] as const) {
    // A server of its own for each, whose memory holds nothing of the file before.
    const server = await bench.startServer({ database, dataFolder });
    await download(server, filled, format, 'licenses');
    figures.push(...(await timed(bench, server, filled, format)));
    await server.stop();
  }
  return figures;
}

async function timed(
  bench: Bench,
  server: BenchServer,
  filled: Filled,
  format: 'xlsx' | 'csv' | 'json',
): Promise<Figure[]> {
  const before = memoryMbOf([server.processId]) ?? Number.NaN;
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, memoryMbOf([server.processId]) ?? Number.NaN);
  }, LOOK_EVERY_MS);
  const began = performance.now();
  const { bytes, lines, status } = await download(server, filled, format, 'product-instances');
  const seconds = (performance.now() - began) / 1_000;
  clearInterval(looking);
  const rows = format === 'csv' ? `${lines - 1} rows, ` : '';
  const note = `${rows}${(bytes / 1e6).toFixed(1)} MB file of product instances with what each uses`;
  const figures = [
    { name: `${format}.100k.seconds`, value: seconds, unit: 's', note },
    {
      name: `${format}.100k.mb`,
      value: most - before,
      unit: 'MB',
      note: 'growth of the server while it sends',
    },
  ];
  for (const figure of figures) bench.say(`${figure.name} ${figure.value.toFixed(2)} ${figure.unit}`);
  return status === 200 ? figures : figures.map((figure) => failed(figure, `answered ${status}`));
}

async function download(
  { address }: BenchServer,
  { accountId, apiKey }: Filled,
  format: string,
  report: string,
): Promise<{ bytes: number; lines: number; status: number }> {
  const response = await fetch(`${address}/api/v1/accounts/${accountId}/reports/${report}?format=${format}`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  let bytes = 0;
  let lines = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (format === 'csv') for (const byte of chunk) if (byte === 10) lines++;
  }
  return { bytes, lines, status: response.status };
}

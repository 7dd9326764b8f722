import { randomUUIDv7 } from 'node:crypto';
import {
  ensureMeasurementPartitions,
  insertUsageMeasurements,
  type UsageMeasurement,
} from '@estover/server/usage-reports';
import { sql } from 'kysely';
import { inTransaction } from '../../packages/server/src/database/transaction.ts';
import { cpuMsOf } from '../harness/processes.ts';
import { failed } from '../harness/results.ts';
import type { Bench, BenchDatabase, Figure, Scenario } from '../harness/scenario.ts';

/** One more than there are cores: one of them waits for the disk. */
const writers = 3;
const rowsPerInsert = 5_000;
const accounts = 4;
const licensesPerInstance = 2;
/** A day, as an instance would bring it that could roll up nothing. */
const samplesPerReport = 96;
const firstSample = Temporal.Instant.from('2026-11-20T00:00:00Z');

/** The store of usage measurements alone: the protocol that brings them is not in this figure. */
export const usageMeasurements: Scenario = {
  name: 'usage.measurements',
  what: 'usage measurements taken in by the store, durable, each counted once; and the same ones again',
  async run(bench) {
    const database = await bench.database();
    await ensureMeasurementPartitions(database.db, firstSample);
    const reports = bench.quick ? 500 : 12_000;
    await takeIn(bench, database, newReports(bench.quick ? 100 : 2_000));

    const kept = newReports(reports);
    const fresh = await takeIn(bench, database, kept);
    const again = await takeIn(bench, database, kept.slice(0, reports / 4));
    const { rows } = await sql<{ found: number; sum: number }>`
      select count(*) as found, sum(count) as sum from usage_measurements
       where account_id in (select distinct unnest(${kept.map(({ accountId }) => accountId)}::uuid[]))`.execute(
      database.db,
    );
    const expected = { found: fresh.rows, sum: kept.reduce((sum, one) => sum + one.sum, 0) };
    const isRight =
      fresh.added === fresh.rows &&
      again.added === 0 &&
      rows[0]?.found === expected.found &&
      rows[0].sum === expected.sum;
    const figures = [
      figureOf('usage.measurements-per-second', fresh),
      figureOf('usage.repeats-per-second', again),
    ];
    const why = `sent ${JSON.stringify(expected)}, recounted ${JSON.stringify(rows[0])}, of the repeats kept ${again.added}`;
    return isRight ? figures : figures.map((figure) => failed(figure, why));
  },
};

/** What one instance measured of its licenses on one day. */
interface Report {
  accountId: string;
  measurements: () => UsageMeasurement[];
  /** Of all counts. */
  sum: number;
}

const sampledAt = Array.from({ length: samplesPerReport }, (_, sample) =>
  firstSample.add({ minutes: 15 * sample }),
);

function newReports(length: number): Report[] {
  const accountIds = Array.from({ length: accounts }, () => randomUUIDv7());
  const licenseIds = Array.from({ length: licensesPerInstance }, () => randomUUIDv7());
  return Array.from({ length }, (_, number) => {
    const accountId = accountIds[number % accounts] as string;
    const instanceId = randomUUIDv7();
    const count = (number % 50) + 1;
    return {
      accountId,
      sum: count * licensesPerInstance * samplesPerReport,
      measurements: () =>
        licenseIds.flatMap((licenseId) =>
          sampledAt.map((startsAt) => ({ accountId, instanceId, licenseId, startsAt, samples: 1, count })),
        ),
    };
  });
}

interface TakenIn {
  rows: number;
  added: number;
  seconds: number;
  walBytes: number;
  nodeMs: number;
  databaseMs: number | undefined;
}

async function takeIn(bench: Bench, { db }: BenchDatabase, reports: readonly Report[]): Promise<TakenIn> {
  const reportsPerInsert = Math.floor(rowsPerInsert / (samplesPerReport * licensesPerInstance));
  const databaseProcess = bench.databaseProcess();
  const databaseMs = () => (databaseProcess === undefined ? undefined : cpuMsOf(databaseProcess));
  const walPosition = async () => {
    const { rows } = await sql<{ bytes: string }>`
      select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text as bytes`.execute(db);
    return Number(rows[0]?.bytes);
  };
  const before = {
    wal: await walPosition(),
    cpu: process.cpuUsage(),
    database: databaseMs(),
    at: performance.now(),
  };
  let next = 0;
  let rows = 0;
  let added = 0;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (next < reports.length) {
        const batch = reports
          .slice(next, next + reportsPerInsert)
          .flatMap(({ measurements }) => measurements());
        next += reportsPerInsert;
        const inserted = await inTransaction(db, (trx) => insertUsageMeasurements(trx, batch));
        rows += batch.length;
        added += inserted.added;
      }
    }),
  );
  const seconds = (performance.now() - before.at) / 1000;
  const { user, system } = process.cpuUsage(before.cpu);
  const database = databaseMs();
  return {
    rows,
    added,
    seconds,
    walBytes: (await walPosition()) - before.wal,
    nodeMs: (user + system) / 1000,
    databaseMs:
      database === undefined || before.database === undefined ? undefined : database - before.database,
  };
}

function figureOf(name: string, { rows, seconds, walBytes, nodeMs, databaseMs }: TakenIn): Figure {
  const perRow = (amount: number, unit: string) => `${((amount / rows) * 1000).toFixed(1)} ${unit}`;
  const database = databaseMs === undefined ? '' : `, database ${perRow(databaseMs, 'ms')}`;
  const note = `${rows} rows by ${writers} connections; for 1,000 rows: node ${perRow(nodeMs, 'ms')}${database}, log ${perRow(walBytes / 1000, 'kB')}; log ${Math.round(walBytes / 1e6)} MB`;
  return { name, value: rows / seconds, unit: '1/s', note };
}

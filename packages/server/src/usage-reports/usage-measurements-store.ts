import { largestCount } from '@estover/protocol/device';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';
import { sqlStateOf } from '../database/transaction.ts';

/**
 * How much of one license one instance used, unchanged through a number of samples: an instance in policy mode looks
 * every 15 minutes and rolls up what stays the same (spec "Product instances", policy mode).
 */
export interface UsageMeasurement {
  accountId: string;
  instanceId: string;
  licenseId: string;
  /** The instant of the first sample; kept to the millisecond. */
  startsAt: Temporal.Instant;
  /** Samples of 15 minutes each, 1 to 32,767. */
  samples: number;
  /** 0 to 1,000,000,000. */
  count: number;
}

export interface InsertedMeasurements {
  /** How many were new. */
  added: number;
  /** Those that another measurement of the same license, instance and start contradicts; the earlier one stays. */
  contradicted: UsageMeasurement[];
}

/**
 * Keeps measurements. One that is there already changes nothing, so a report that comes again is counted once. A few
 * thousand at a time are taken in fastest.
 *
 * @throws RangeError that names the first measurement that cannot be; then nothing was written
 */
export async function insertUsageMeasurements(
  trx: Trx,
  measurements: readonly UsageMeasurement[],
): Promise<InsertedMeasurements> {
  for (const [index, measurement] of measurements.entries()) check(measurement, index);
  const given = asRows(measurements);
  // Nearly all reports are new, and asking the index before each row costs a third more than meeting the rare repeat.
  await sql`savepoint before_measurements`.execute(trx);
  try {
    await insertInto(given).execute(trx);
    await sql`release savepoint before_measurements`.execute(trx);
    return { added: measurements.length, contradicted: [] };
  } catch (error) {
    if (!healedByAsking.has(sqlStateOf(error) ?? '')) throw error;
    await sql`rollback to savepoint before_measurements`.execute(trx);
  }
  const { numAffectedRows } = await sql`${insertInto(given)} on conflict do nothing`.execute(trx);
  return { added: Number(numAffectedRows), contradicted: await contradictedOf(trx, given, measurements) };
}

const monthsAhead = 4;

/**
 * Makes the partitions of the instant's month and of those after it. Measurements of other months wait in the default
 * partition, and move when theirs is made.
 */
export async function ensureMeasurementPartitions(db: Database, at: Temporal.Instant): Promise<void> {
  await sql`select ensure_usage_measurement_partitions(${at}, ${monthsAhead})`.execute(db);
}

/** A row that is there already, and a month whose partition was made while its rows were on the way to the default one. */
const healedByAsking = new Set(['23505', '23514']);

/** In the order of the key, so that two that bring the same rows wait for each other instead of locking each other out. */
const insertInto = (given: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  insert into usage_measurements (account_id, instance_id, license_id, starts_at, count, samples)
  select account_id, instance_id, license_id, starts_at, count, samples from ${given}
   order by account_id, instance_id, license_id, starts_at`;

async function contradictedOf(
  trx: Trx,
  given: RawBuilder<unknown>,
  measurements: readonly UsageMeasurement[],
): Promise<UsageMeasurement[]> {
  const { rows } = await sql<{ number: number }>`
    select given.number from ${given}
      join usage_measurements kept using (account_id, instance_id, license_id, starts_at)
     where (kept.count, kept.samples) <> (given.count, given.samples)
     order by given.number`.execute(trx);
  return rows.map(({ number }) => measurements[number - 1] as UsageMeasurement);
}

/**
 * The measurements as a table, numbered from 1. At a million values a second the way in counts: array literals are
 * written here at half of what the driver takes, and instants go as numbers at a tenth of what their text takes.
 */
function asRows(measurements: readonly UsageMeasurement[]): RawBuilder<unknown> {
  const column = (value: (measurement: UsageMeasurement) => string | number) =>
    `{${measurements.map(value).join(',')}}`;
  return sql`(
    select account_id, instance_id, license_id, to_timestamp(milliseconds / 1000) as starts_at, count, samples, number
      from unnest(
        ${column((one) => one.accountId)}::uuid[], ${column((one) => one.instanceId)}::uuid[],
        ${column((one) => one.licenseId)}::uuid[], ${column((one) => one.startsAt.epochMilliseconds)}::float8[],
        ${column((one) => one.count)}::integer[], ${column((one) => one.samples)}::smallint[])
        with ordinality as one (account_id, instance_id, license_id, milliseconds, count, samples, number)) as given`;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function check(measurement: UsageMeasurement, index: number): void {
  const { accountId, instanceId, licenseId, count, samples } = measurement;
  const refuse = (what: string, found: unknown): never => {
    throw new RangeError(`measurement ${index + 1}: ${what}, found ${String(found)}`);
  };
  for (const id of [accountId, instanceId, licenseId]) {
    if (!uuid.test(id)) refuse('ids are UUIDs in small letters', id);
  }
  if (!Number.isInteger(count) || count < 0 || count > largestCount) {
    refuse(`the count is a whole number from 0 to ${largestCount}`, count);
  }
  if (!Number.isInteger(samples) || samples < 1 || samples > mostSamples) {
    refuse(`there are 1 to ${mostSamples} samples`, samples);
  }
}

const mostSamples = 32_767;

import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../database/transaction.ts';
import { openTestDatabase, type TestDatabase } from '../testing/index.ts';
import { ensureMeasurementPartitions, insertUsageMeasurements, type UsageMeasurement } from './index.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const licenseId = '0193c5a0-0000-7000-8000-0000000000bb';

/** A day of samples of one instance, each a measurement of its own. */
function dayOf(from: string, other: Partial<UsageMeasurement> = {}): UsageMeasurement[] {
  const ids = { accountId: randomUUIDv7(), instanceId: randomUUIDv7(), licenseId };
  const start = Temporal.Instant.from(from);
  return Array.from({ length: 96 }, (_, sample) => ({
    ...{ ...ids, startsAt: start.add({ minutes: 15 * sample }), samples: 1, count: sample },
    ...other,
  }));
}

const insert = (measurements: readonly UsageMeasurement[]) =>
  inTransaction(database.db, (trx) => insertUsageMeasurements(trx, measurements));

const keptOf = ({ accountId }: UsageMeasurement) =>
  database.db
    .selectFrom('usage_measurements')
    .select([
      'starts_at as startsAt',
      'count',
      'samples',
      sql<string>`tableoid::regclass::text`.as('partition'),
    ])
    .where('account_id', '=', accountId)
    .orderBy('starts_at')
    .execute();

const first = (measurements: readonly UsageMeasurement[]) => measurements[0] as UsageMeasurement;

describe('usage measurements', () => {
  it('are kept as they were measured', async () => {
    const day = dayOf('2026-11-22T00:00:00Z');
    expect(await insert(day)).toEqual({ added: 96, contradicted: [] });
    const kept = await keptOf(first(day));
    expect(kept.map(({ startsAt, count, samples }) => [startsAt.toString(), count, samples])).toEqual(
      day.map(({ startsAt, count, samples }) => [startsAt.toString(), count, samples]),
    );
  });

  it('are counted once, however often and however mixed with new ones they come', async () => {
    const day = dayOf('2026-11-22T00:00:00Z');
    await insert(day.slice(0, 40));
    expect(await insert(day.slice(0, 40))).toEqual({ added: 0, contradicted: [] });
    expect(await insert(day.slice(30, 60).reverse())).toEqual({ added: 20, contradicted: [] });
    expect(await insert([...day, ...day])).toEqual({ added: 36, contradicted: [] });
    expect(await keptOf(first(day))).toHaveLength(96);
  });

  it('are counted once when several servers take the same report at once', async () => {
    const day = dayOf('2026-11-22T00:00:00Z');
    const taken = await Promise.all(
      Array.from({ length: 8 }, (_, number) => insert(number % 2 === 0 ? day : day.toReversed())),
    );
    expect(taken.reduce((sum, { added }) => sum + added, 0)).toBe(96);
    expect(await keptOf(first(day))).toHaveLength(96);
  });

  it('never replace what was measured before: the contradicted ones are named', async () => {
    const day = dayOf('2026-11-22T00:00:00Z');
    await insert(day);
    const [one, two, three] = day as [UsageMeasurement, UsageMeasurement, UsageMeasurement];
    const otherCount = { ...one, count: 7 };
    const otherLength = { ...three, samples: 2 };
    expect(await insert([otherLength, two, otherCount])).toEqual({
      added: 0,
      contradicted: [otherLength, otherCount],
    });
    expect((await keptOf(one))[0]).toMatchObject({ count: one.count, samples: 1 });
    const fresh = first(dayOf('2026-11-22T00:00:00Z'));
    expect(await insert([fresh, { ...fresh, count: 9 }])).toEqual({
      added: 1,
      contradicted: [{ ...fresh, count: 9 }],
    });
  });

  it('leave the transaction usable, and go with it when it fails', async () => {
    const day = dayOf('2026-11-22T00:00:00Z');
    await insert(day.slice(0, 1));
    await expect(
      inTransaction(database.db, async (trx) => {
        expect(await insertUsageMeasurements(trx, day)).toEqual({ added: 95, contradicted: [] });
        expect(await insertUsageMeasurements(trx, day)).toEqual({ added: 0, contradicted: [] });
        throw new Error('what came after failed');
      }),
    ).rejects.toThrow('what came after failed');
    expect(await keptOf(first(day))).toHaveLength(1);
  });

  it('may be none', async () => {
    expect(await insert([])).toEqual({ added: 0, contradicted: [] });
  });

  it.each<[string, Partial<UsageMeasurement>, RegExp]>([
    ['a count below zero', { count: -1 }, /measurement 2: the count is a whole number from 0 to/],
    ['a fraction', { count: 0.5 }, /found 0.5/],
    ['a count above the most', { count: 1_000_000_001 }, /found 1000000001/],
    ['a count that is no number', { count: Number.NaN }, /found NaN/],
    ['no sample', { samples: 0 }, /there are 1 to 32767 samples, found 0/],
    ['too many samples', { samples: 32_768 }, /found 32768/],
    ['an id that is none', { licenseId: `${licenseId},${licenseId}` }, /ids are UUIDs in small letters/],
    ['an id in capitals', { accountId: licenseId.toUpperCase() }, /measurement 2: ids are UUIDs/],
  ])('are refused with %s, and nothing is kept', async (_, wrong, reason) => {
    const [one, two] = dayOf('2026-11-22T00:00:00Z') as [UsageMeasurement, UsageMeasurement];
    const refused = insert([one, { ...two, ...wrong }]);
    await expect(refused).rejects.toThrow(RangeError);
    await expect(refused).rejects.toThrow(reason);
    expect(await keptOf(one)).toEqual([]);
  });
});

describe('the partitions of usage measurements', () => {
  const inUtc = (text: string) => Temporal.Instant.from(text);

  it('split at midnight UTC between months', async () => {
    await ensureMeasurementPartitions(database.db, inUtc('2030-01-31T23:59:59.999999Z'));
    const [late, early] = dayOf('2030-01-31T23:59:59.999999Z') as [UsageMeasurement, UsageMeasurement];
    await insert([late, { ...early, startsAt: inUtc('2030-02-01T00:00:00Z') }]);
    expect((await keptOf(late)).map(({ partition }) => partition)).toEqual([
      'usage_measurements_2030_01',
      'usage_measurements_2030_02',
    ]);
  });

  it('of a month that does not exist yet are made up for: its measurements wait, and repeats stay harmless', async () => {
    const day = dayOf('2031-05-31T12:00:00Z');
    await insert(day);
    expect(new Set((await keptOf(first(day))).map(({ partition }) => partition))).toEqual(
      new Set(['usage_measurements_other']),
    );
    await ensureMeasurementPartitions(database.db, inUtc('2031-05-10T00:00:00Z'));
    const kept = await keptOf(first(day));
    expect(kept.map(({ partition }) => partition)).toEqual([
      ...Array.from({ length: 48 }, () => 'usage_measurements_2031_05'),
      ...Array.from({ length: 48 }, () => 'usage_measurements_2031_06'),
    ]);
    expect(await insert(day)).toEqual({ added: 0, contradicted: [] });
    await expect(
      sql`update usage_measurements set count = -1 where account_id = ${first(day).accountId}`.execute(
        database.db,
      ),
    ).rejects.toThrow(/check constraint/);
  });

  it('are made once when several servers ask at the same time, while measurements come in', async () => {
    const at = inUtc('2032-03-15T00:00:00Z');
    const days = Array.from({ length: 6 }, (_, number) => dayOf(`2032-0${3 + (number % 3)}-10T00:00:00Z`));
    const asked = Array.from({ length: 4 }, () => ensureMeasurementPartitions(database.db, at));
    await Promise.all([...days.map((day) => insert(day)), ...asked]);
    for (const day of days) {
      const [month] = first(day).startsAt.toString().split('-10T');
      expect((await keptOf(first(day))).map(({ partition }) => partition)).toEqual(
        day.map(() => `usage_measurements_${month?.replace('-', '_')}`),
      );
    }
  });
});

import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../testing/index.ts';
import { inTransaction } from './transaction.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
  await sql`create table tries (number integer)`.execute(database.db);
});
afterAll(() => database.close());

/** Work that the database refuses with a SQLSTATE so many times, after it wrote something. */
async function refusedFirst(state: string, times: number): Promise<{ ended: string; tries: number }> {
  await sql`truncate tries`.execute(database.db);
  let tries = 0;
  const ended = await inTransaction(database.db, async (trx) => {
    tries += 1;
    await sql`insert into tries values (${tries})`.execute(trx);
    if (tries <= times) {
      await sql`do ${sql.lit(`begin raise exception using errcode = '${state}'; end`)}`.execute(trx);
    }
    return 'done';
  }).catch((error: { code: string }) => error.code);
  return { ended, tries };
}

const kept = async () => (await sql<{ number: number }>`select number from tries`.execute(database.db)).rows;

it.each(['40001', '40P01'])(
  'runs work again that ended with %s, and keeps what the last try wrote',
  async (state) => {
    expect(await refusedFirst(state, 2)).toEqual({ ended: 'done', tries: 3 });
    expect(await kept()).toEqual([{ number: 3 }]);
  },
);

it('gives up after five tries, and runs nothing again that another try does not heal', async () => {
  expect(await refusedFirst('40P01', 9)).toEqual({ ended: '40P01', tries: 5 });
  expect(await refusedFirst('23505', 1)).toEqual({ ended: '23505', tries: 1 });
  expect(await kept()).toEqual([]);
});

it('heals two transactions that really wait for each other', async () => {
  await sql`truncate tries`.execute(database.db);
  await sql`insert into tries values (1), (2)`.execute(database.db);
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  const add = (first: number, second: number) =>
    inTransaction(database.db, async (trx) => {
      await sql`update tries set number = number + 10 where number % 10 = ${first}`.execute(trx);
      waiting += 1;
      if (waiting === 2) both.resolve();
      await both.promise;
      await sql`update tries set number = number + 10 where number % 10 = ${second}`.execute(trx);
    });
  await Promise.all([add(1, 2), add(2, 1)]);
  expect(await kept()).toEqual(expect.arrayContaining([{ number: 21 }, { number: 22 }]));
});

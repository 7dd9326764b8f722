/**
 * A process that opens the database as a server does and does one thing to the ledger many times, 20 at once: for what no
 * operation of the API offers. Says `ready`, waits for a line, works, and prints one line of JSON. The first argument is
 * the database, the second the work.
 */
import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { openDatabase } from '../../../packages/server/src/database/database.ts';
import { inTransaction } from '../../../packages/server/src/database/transaction.ts';
import { systemActor } from '../../../packages/server/src/edge/context.ts';
import { Refused } from '../../../packages/server/src/edge/refused.ts';
import {
  endHold,
  holdLicenses,
  type Ledger,
  runTermExpiries,
} from '../../../packages/server/src/licenses/index.ts';

/** What a worker is asked to do. */
export type Work =
  | {
      kind: 'hold';
      accountId: string;
      virtualAccountId: string;
      licenseId: string;
      quantity: number;
      times: number;
    }
  | { kind: 'end-hold'; accountId: string; holdIds: string[]; toVirtualAccountId: string; times: number }
  | { kind: 'expire'; at: string; times: number; everyMs: number };

/** What came of it: how often it was done, the codes of refusals, ids of what was made. */
export interface Worked {
  done: number;
  refused: Record<string, number>;
  ids: string[];
}

const [connectionString = '', given = ''] = process.argv.slice(2);
const work: Work = JSON.parse(given);
const { db, close } = openDatabase(connectionString);
const result: Worked = { done: 0, refused: {}, ids: [] };

async function attempt(work: (ledger: Ledger) => Promise<string>): Promise<void> {
  const now = Temporal.Now.instant();
  const newId = () => randomUUIDv7();
  try {
    const id = await inTransaction(db, (trx) =>
      work({ trx, now, newId, actor: systemActor, requestId: null }),
    );
    result.done += 1;
    result.ids.push(id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    result.refused[error.code] = (result.refused[error.code] ?? 0) + 1;
  }
}

/** As many at once as there are connections, so that all of them wait for locks and none for a connection. */
async function inLanes(times: number, work: (index: number) => Promise<void>): Promise<void> {
  const numbers = Array.from({ length: times }, (_, index) => index).values();
  const lane = async () => {
    for (const index of numbers) await work(index);
  };
  await Promise.all(Array.from({ length: 20 }, lane));
}

async function run(): Promise<void> {
  switch (work.kind) {
    case 'hold': {
      const { accountId, virtualAccountId, licenseId, quantity, times } = work;
      await inLanes(times, () =>
        attempt(async (ledger) => {
          const holdId = randomUUIDv7();
          const lines = [{ licenseId, quantity }];
          await holdLicenses(ledger, accountId, { holdId, purpose: 'reservation', virtualAccountId, lines });
          return holdId;
        }),
      );
      return;
    }
    case 'end-hold': {
      const { accountId, holdIds, toVirtualAccountId, times } = work;
      await inLanes(times, (index) =>
        attempt(async (ledger) => {
          const holdId = holdIds[index % holdIds.length] ?? '';
          const to = { kind: 'virtual-account', virtualAccountId: toVirtualAccountId } as const;
          await endHold(ledger, accountId, holdId, index % 3 === 0 ? { kind: 'void' } : { kind: 'post', to });
          return holdId;
        }),
      );
      return;
    }
    case 'expire': {
      for (let round = 0; round < work.times; round++) {
        await new Promise((resolve) => setTimeout(resolve, work.everyMs));
        result.done += await runTermExpiries(db, Temporal.Instant.from(work.at), () => randomUUIDv7());
      }
    }
  }
}

process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
await run();
await close();
process.stdout.write(`${JSON.stringify(result)}\n`);

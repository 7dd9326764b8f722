import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { genesisHash, hashOfBatch, hashOfEvent } from './event-chain.ts';
import {
  accountsToSeal,
  chained,
  epochNow,
  insertBatch,
  lastBatch,
  markSealed,
  unsealedEvents,
} from './events-store.ts';

const eventsPerBatch = 5_000;
const accountsPerRun = 1_000;

/**
 * Seals waiting events into the chains of their accounts. May run on several servers at once: the first to write a
 * batch number has it, and the others leave the events to it.
 */
export async function sealEvents(
  db: Database,
  now: Temporal.Instant,
  /** Those of these accounts alone. */
  accountIds?: readonly string[],
): Promise<{ sealed: number }> {
  let sealed = 0;
  for (const accountId of await accountsToSeal(db, accountsPerRun, accountIds)) {
    let batch: number;
    do {
      batch = await sealBatch(db, accountId, now);
      sealed += batch;
    } while (batch === eventsPerBatch);
  }
  return { sealed };
}

const sealBatch = (db: Database, accountId: string, now: Temporal.Instant): Promise<number> =>
  inTransaction(db, (trx) => sealSome(trx, accountId, now));

/** Seals a batch of what waits; 0 when nothing does, or when another server was first. */
export async function sealSome(trx: Trx, accountId: string, now: Temporal.Instant): Promise<number> {
  const last = await lastBatch(trx, accountId);
  const events = await unsealedEvents(trx, accountId, eventsPerBatch);
  if (events.length === 0) return 0;
  const batchNumber = (last?.batchNumber ?? 0) + 1;
  const previousHash = last?.hash ?? genesisHash;
  const epoch = await epochNow(trx);
  const hash = hashOfBatch(
    previousHash,
    accountId,
    batchNumber,
    events.map((event) => hashOfEvent(chained(event))),
    epoch,
  );
  const ours = await insertBatch(trx, accountId, {
    batchNumber,
    events: events.length,
    previousHash,
    hash,
    epoch,
    sealedAt: now,
  });
  if (!ours) return 0;
  await markSealed(trx, batchNumber, events);
  return events.length;
}

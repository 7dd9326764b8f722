import type { Database, Trx } from '../database/database.ts';
import { genesisHash, hashOfBatch, hashOfEvent } from './event-chain.ts';
import {
  type BatchRow,
  batchesAfter,
  chained,
  countUnsealed,
  documentKeys,
  eventsOfBatch,
} from './events-store.ts';
import { faultOfRewritten, RewrittenTally, statementOf } from './rewritten-events.ts';

/** What is wrong with a chain: the first place where it does not hold. */
export interface ChainFault {
  accountId: string;
  batchNumber: number;
  eventId: string | null;
  what: string;
}

export interface ChainReport {
  accountId: string;
  batches: number;
  events: number;
  /** Events that wait to be sealed; they are not proved yet. */
  unsealed: number;
  /** Hash of the last batch in hex: kept elsewhere, it proves the whole chain up to it. */
  head: { batchNumber: number; hash: string } | null;
  /** Where the chain was continued after a backup was restored: what followed the batch before may be elsewhere. */
  restores: { fromBatch: number; epoch: number }[];
  fault: ChainFault | null;
}

/** A head that was kept elsewhere: the batch must still have this hash, in hex. */
export interface KeptHead {
  batchNumber: number;
  hash: string;
}

/**
 * Recounts the chains of one account or of all, from the first batch on. Reads only. With a head that was kept outside,
 * a chain that was rewritten as a whole is found as well.
 */
export async function verifyEvents(
  db: Database,
  onlyAccountId?: string,
  keptHead?: KeptHead,
): Promise<ChainReport[]> {
  const reports: ChainReport[] = [];
  for (const accountId of await chainsOf(db, onlyAccountId)) {
    // One snapshot: what a running server seals meanwhile must not look like a batch without its row.
    const report = await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        const found = await verifyChain(trx, accountId);
        if (keptHead !== undefined) found.fault ??= await faultOfHead(trx, found, keptHead);
        return found;
      });
    reports.push(report);
  }
  return reports;
}

/** Recounts chains within a snapshot that the caller holds; one at a time, so that they need not all be kept. */
export async function* verifyChains(trx: Trx, onlyAccountId?: string): AsyncGenerator<ChainReport> {
  for (const accountId of await chainsOf(trx, onlyAccountId)) yield await verifyChain(trx, accountId);
}

async function chainsOf(db: Pick<Trx, 'selectFrom'>, onlyAccountId: string | undefined): Promise<string[]> {
  const rows = await db
    .selectFrom('events')
    .select('account_id as id')
    .union(db.selectFrom('event_batches').select('account_id as id'))
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id).filter((id) => onlyAccountId === undefined || onlyAccountId === id);
}

async function verifyChain(db: Trx, accountId: string): Promise<ChainReport> {
  const unsealed = await countUnsealed(db, accountId);
  const report: ChainReport = {
    accountId,
    batches: 0,
    events: 0,
    unsealed,
    head: null,
    restores: [],
    fault: null,
  };
  const rewritten: Rewritten = { tally: new RewrittenTally(), statements: [] };
  let previous: BatchRow | null = null;
  for (;;) {
    const batches = await batchesAfter(db, accountId, previous?.batchNumber ?? 0, 100);
    if (batches.length === 0) break;
    for (const batch of batches) {
      report.fault = await verifyBatch(db, accountId, previous, batch, rewritten);
      if (report.fault !== null) return report;
      if (batch.epoch > (previous?.epoch ?? 1)) {
        report.restores.push({ fromBatch: batch.batchNumber, epoch: batch.epoch });
      }
      report.batches += 1;
      report.events += batch.events;
      report.head = { batchNumber: batch.batchNumber, hash: batch.hash.toString('hex') };
      previous = batch;
    }
  }
  const { tally, statements } = rewritten;
  const fault = faultOfRewritten(accountId, tally, statements, await documentKeys(db));
  if (fault !== null) {
    report.fault = { accountId, eventId: null, ...fault };
    return report;
  }
  // Events of a batch that has no row: the end of the chain was cut off.
  const beyond = await db
    .selectFrom('events')
    .select(['event_id as eventId', 'batch_number as batchNumber'])
    .where('account_id', '=', accountId)
    .where('batch_number', '>', previous?.batchNumber ?? 0)
    .orderBy('batch_number')
    .limit(1)
    .executeTakeFirst();
  if (beyond !== undefined) {
    report.fault = {
      accountId,
      batchNumber: beyond.batchNumber ?? 0,
      eventId: beyond.eventId,
      what: 'the event belongs to a batch that is gone',
    };
  }
  return report;
}

/** What is gathered of events that were rewritten, and the statements about them, while the chain is read. */
interface Rewritten {
  tally: RewrittenTally;
  statements: string[];
}

async function verifyBatch(
  db: Trx,
  accountId: string,
  previous: BatchRow | null,
  batch: BatchRow,
  rewritten: Rewritten,
): Promise<ChainFault | null> {
  const fault = (what: string, eventId: string | null = null): ChainFault => ({
    accountId,
    batchNumber: batch.batchNumber,
    eventId,
    what,
  });
  const expectedNumber = (previous?.batchNumber ?? 0) + 1;
  if (batch.batchNumber !== expectedNumber)
    return fault(`batch ${expectedNumber} is missing before this one`);
  if (!batch.previousHash.equals(previous?.hash ?? genesisHash))
    return fault('it does not follow the batch before');
  if (batch.epoch < (previous?.epoch ?? 1)) return fault('its epoch is lower than that of the batch before');
  const events = await eventsOfBatch(db, accountId, batch.batchNumber);
  const hashes: Buffer[] = [];
  for (const event of events) {
    const hash = hashOfEvent(chained(event));
    const statement = statementOf(event);
    if (statement !== undefined) rewritten.statements.push(statement);
    if (event.rewrittenAt !== null && event.hash !== null) {
      rewritten.tally.add(batch.batchNumber, event.eventId, event.hash, hash);
      hashes.push(event.hash);
      continue;
    }
    if (event.hash === null || !hash.equals(event.hash)) return fault('the event was changed', event.eventId);
    hashes.push(hash);
  }
  if (events.length !== batch.events) {
    return fault(`it was sealed with ${batch.events} events and has ${events.length}`);
  }
  if (
    !hashOfBatch(batch.previousHash, accountId, batch.batchNumber, hashes, batch.epoch).equals(batch.hash)
  ) {
    return fault('its hash does not fit its events');
  }
  return null;
}

async function faultOfHead(
  db: Trx,
  { accountId, restores }: ChainReport,
  kept: KeptHead,
): Promise<ChainFault | null> {
  const [batch] = await batchesAfter(db, accountId, kept.batchNumber - 1, 1);
  if (batch?.batchNumber === kept.batchNumber && batch.hash.toString('hex') === kept.hash) return null;
  const restored = restores.findLast(({ fromBatch }) => fromBatch <= kept.batchNumber) ?? restores.at(-1);
  const fork =
    restored === undefined
      ? ''
      : `; a backup was restored and the chain goes on from there at batch ${restored.fromBatch} (epoch ${restored.epoch}), so the head may be of what was lost`;
  return {
    accountId,
    batchNumber: kept.batchNumber,
    eventId: null,
    what: `it does not have the hash that was kept${fork}`,
  };
}

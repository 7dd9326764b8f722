import { type RewrittenEvents, rewrittenEventsType } from '@estover/protocol';
import { signDocument } from '@estover/protocol/signing';
import type { Trx } from '../database/database.ts';
import { Overtaken } from '../database/transaction.ts';
import { type Context, systemActor } from '../edge/context.ts';
import { type ChainedEvent, hashOfEvent } from './event-chain.ts';
import { chained, lockEvents, rewrittenEventsOf, saveRewritten } from './events-store.ts';
import { recordEvents } from './record-event.ts';
import { RewrittenTally, removalOperation } from './rewritten-events.ts';
import { sealSome } from './seal-events-job.ts';

export type RewriteContext = Pick<Context, 'trx' | 'now' | 'newId' | 'installation'>;

/** Who was taken out of the events, for the event that says so. */
export interface Forgotten {
  personId: string;
  pseudonym: string;
}

/**
 * Takes the name of a removed person out of events of one account, and seals in the same chain a signed statement of what
 * the rewritten events of their batches read since (decision 0018). Events that hold no name stay as they are. The statement
 * is as long as there are such batches, so give it a bounded number of events.
 *
 * @param forget an event without the name
 * @returns how many events read otherwise since
 * @throws Overtaken when another server seals the same chain at this moment
 */
export async function rewriteEvents(
  context: RewriteContext,
  accountId: string,
  eventIds: readonly string[],
  forget: (event: ChainedEvent) => ChainedEvent,
  forgotten: Forgotten,
): Promise<number> {
  const { trx, now, newId, installation } = context;
  // Only what is sealed can be vouched for.
  while ((await sealSome(trx, accountId, now)) > 0);
  const events = await lockEvents(trx, accountId, eventIds);
  if (events.some(({ batchNumber }) => batchNumber === null)) throw new Overtaken();
  const batchNumbers = new Set<number>();
  const rewritten = events.flatMap((event) => {
    const before = chained(event);
    const after = forget(before);
    // The chance that was hashed with the name goes with it: nobody can try names against the sealed hash.
    if (hashOfEvent(after).equals(hashOfEvent(before))) return [];
    if (event.batchNumber !== null) batchNumbers.add(event.batchNumber);
    return [{ ...after, salt: undefined }];
  });
  if (rewritten.length === 0) return 0;
  await saveRewritten(trx, accountId, rewritten, now);
  const statement: RewrittenEvents = {
    installationId: installation.installationId,
    accountId,
    batches: await tallyOf(trx, accountId, [...batchNumbers]),
    signedAt: now.toString(),
  };
  const key = await installation.signingKeys.current(now);
  const { personId, pseudonym } = forgotten;
  const count = rewritten.length === 1 ? '1 event names' : `${rewritten.length} events name`;
  await recordEvents(trx, [
    {
      accountId,
      eventId: newId(),
      at: now,
      actor: systemActor,
      operation: removalOperation,
      objectKind: 'person',
      objectId: personId,
      message: `took the name of somebody who was removed out of what was written before: ${count} ${pseudonym} instead`,
      after: {
        pseudonym,
        events: rewritten.length,
        rewritten: signDocument(statement, { type: rewrittenEventsType, keyId: key.keyId }, key.privateKey),
      },
      from: null,
      requestId: null,
    },
  ]);
  // Without the statement the chain would not hold, so it is sealed with it.
  if ((await sealSome(trx, accountId, now)) === 0) throw new Overtaken();
  return rewritten.length;
}

async function tallyOf(
  trx: Trx,
  accountId: string,
  batchNumbers: readonly number[],
): Promise<RewrittenEvents['batches']> {
  const tally = new RewrittenTally();
  for (const event of await rewrittenEventsOf(trx, accountId, batchNumbers)) {
    if (event.batchNumber === null || event.hash === null) continue;
    tally.add(event.batchNumber, event.eventId, event.hash, hashOfEvent(chained(event)));
  }
  return tally.batches();
}

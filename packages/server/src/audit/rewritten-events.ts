import { createHash, type Hash } from 'node:crypto';
import { type RewrittenEvents, rewrittenEventsSchema, rewrittenEventsType } from '@estover/protocol';
import {
  checkDocument,
  importPublicJwk,
  openDocument,
  type publicJwkSchema,
} from '@estover/protocol/signing';
import type { z } from 'zod';
import type { ChainedEvent } from './event-chain.ts';

/** A key that signs heads and statements, as the trust document of a server shows it. */
export type HeadKey = z.output<typeof publicJwkSchema> & { kid: string };

/** The operation of the event that says, in an account's own chain, that somebody was removed. */
export const removalOperation = 'removePerson';

/** Before statements named their own batches alone, one named all that had ever been rewritten. */
const largestStatement = 64 * 1024 * 1024;

/** Counts the rewritten events of a chain while it is read in order: by batch, and by id within it. */
export class RewrittenTally {
  readonly #batches = new Map<number, { events: number; hash: Hash }>();

  /** `sealed` is the hash the event was sealed with, `now` the hash of what it reads since. */
  add(batchNumber: number, eventId: string, sealed: Uint8Array, now: Uint8Array): void {
    const batch = this.#batches.get(batchNumber) ?? { events: 0, hash: createHash('sha256') };
    this.#batches.set(batchNumber, batch);
    batch.events += 1;
    batch.hash.update(eventId).update(sealed).update(now);
  }

  /** What statements about all of them say; afterwards nothing can be added. */
  batches(): RewrittenEvents['batches'] {
    return [...this.#batches].map(([batchNumber, { events, hash }]) => ({
      batchNumber,
      events,
      digest: hash.digest('hex'),
    }));
  }
}

/** The signed statement that an event carries, if it is that of a removal. */
export function statementOf(event: Pick<ChainedEvent, 'operation' | 'after'>): string | undefined {
  if (event.operation !== removalOperation) return undefined;
  const { after } = event;
  if (typeof after !== 'object' || after === null || !('rewritten' in after)) return undefined;
  return typeof after.rewritten === 'string' ? after.rewritten : undefined;
}

/**
 * Whether the statements of a chain say of its rewritten events exactly what they are: who changes an event and calls it
 * rewritten is found, and who writes a statement for it lacks the installation's key (decision 0018). Of each batch the last
 * statement that names it counts; one that is taken out of the chain leaves a hole in the chain itself.
 *
 * @param statements those that were sealed in the chain, in its order
 * @returns what is wrong, with the first batch where it is; null where nothing is
 */
export function faultOfRewritten(
  accountId: string,
  tally: RewrittenTally,
  statements: readonly string[],
  keys: readonly HeadKey[],
): { batchNumber: number; what: string } | null {
  const found = tally.batches();
  const first = found[0]?.batchNumber ?? 0;
  const stated = new Map<number, RewrittenEvents['batches'][number]>();
  for (const statement of statements) {
    const said = readStatement(accountId, statement, keys);
    if (typeof said === 'string') return { batchNumber: first, what: said };
    for (const batch of said) stated.set(batch.batchNumber, batch);
  }
  if (statements.length === 0 && found.length > 0) {
    return {
      batchNumber: first,
      what: 'events were changed, and no sealed statement says that they were rewritten',
    };
  }
  for (const { batchNumber, events, digest } of found) {
    const batch = stated.get(batchNumber);
    if (batch === undefined || batch.events !== events || batch.digest !== digest) {
      return {
        batchNumber,
        what: 'events were changed, and the statement about rewritten events says otherwise',
      };
    }
    stated.delete(batchNumber);
  }
  const [missing] = stated.keys();
  return missing === undefined
    ? null
    : { batchNumber: missing, what: 'events that were rewritten once are not any more' };
}

/** What one statement says of batches of the account; a sentence when it is none that the installation signed. */
function readStatement(
  accountId: string,
  statement: string,
  keys: readonly HeadKey[],
): RewrittenEvents['batches'] | string {
  const opened = openDocument(statement, {
    type: rewrittenEventsType,
    keyId: 'required',
    largest: largestStatement,
  });
  if (!opened.ok) return `the statement about rewritten events cannot be read: ${opened.detail}`;
  const keyId = opened.header.kid ?? '';
  const key = keys.find(({ kid }) => kid === keyId);
  if (key === undefined) {
    return `the statement about rewritten events is signed by the key ${keyId}, which is not known`;
  }
  const checked = checkDocument(opened, importPublicJwk(key));
  if (!checked.ok) return `the signature of the statement about rewritten events is wrong: ${checked.detail}`;
  const said = rewrittenEventsSchema.safeParse(checked.payload);
  return said.success && said.data.accountId === accountId
    ? said.data.batches
    : 'the statement about rewritten events is one of another chain';
}

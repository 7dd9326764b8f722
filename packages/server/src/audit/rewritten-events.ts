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

/** Many a batch may have been rewritten; a statement of a million batches is no statement. */
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

  /** What a statement about all of them says; afterwards nothing can be added. */
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
 * Whether the last statement of a chain says of its rewritten events exactly what they are: who changes an event and calls
 * it rewritten is found, and who writes a statement for it lacks the installation's key (decision 0018).
 *
 * @param statement the last one that was sealed in the chain
 * @returns what is wrong, with the first batch where it is; null where nothing is
 */
export function faultOfRewritten(
  accountId: string,
  tally: RewrittenTally,
  statement: string | undefined,
  keys: readonly HeadKey[],
): { batchNumber: number; what: string } | null {
  const found = tally.batches();
  const first = found[0]?.batchNumber ?? 0;
  if (statement === undefined) {
    return found.length === 0
      ? null
      : {
          batchNumber: first,
          what: 'events were changed, and no sealed statement says that they were rewritten',
        };
  }
  const opened = openDocument(statement, {
    type: rewrittenEventsType,
    keyId: 'required',
    largest: largestStatement,
  });
  if (!opened.ok)
    return {
      batchNumber: first,
      what: `the statement about rewritten events cannot be read: ${opened.detail}`,
    };
  const keyId = opened.header.kid ?? '';
  const key = keys.find(({ kid }) => kid === keyId);
  if (key === undefined) {
    return {
      batchNumber: first,
      what: `the statement about rewritten events is signed by the key ${keyId}, which is not known`,
    };
  }
  const checked = checkDocument(opened, importPublicJwk(key));
  if (!checked.ok) {
    return {
      batchNumber: first,
      what: `the signature of the statement about rewritten events is wrong: ${checked.detail}`,
    };
  }
  const said = rewrittenEventsSchema.safeParse(checked.payload);
  if (!said.success || said.data.accountId !== accountId) {
    return { batchNumber: first, what: 'the statement about rewritten events is one of another chain' };
  }
  const stated = new Map(said.data.batches.map((batch) => [batch.batchNumber, batch]));
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

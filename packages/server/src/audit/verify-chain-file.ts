import { eventHeadSchema, eventHeadType } from '@estover/protocol';
import { checkDocument, importPublicJwk, openDocument, publicJwkSchema } from '@estover/protocol/signing';
import { z } from 'zod';
import { chainFileKind } from './chain-file.ts';
import { type ChainedEvent, genesisHash, hashOfBatch, hashOfEvent } from './event-chain.ts';
import { faultOfRewritten, type HeadKey, RewrittenTally, statementOf } from './rewritten-events.ts';
import type { ChainFault, KeptHead } from './verify-events.ts';

const hex = z.string().regex(/^[0-9a-f]{64}$/);

const headerLine = z.object({
  kind: z.literal(chainFileKind),
  version: z.literal(1),
  installationId: z.string(),
  accountId: z.string(),
  accountName: z.string(),
  writtenAt: z.string(),
  unsealed: z.int().min(0),
});
const batchLine = z.object({
  kind: z.literal('batch'),
  batchNumber: z.int().min(1),
  epoch: z.int().min(1),
  events: z.int().min(1),
  previousHash: hex,
  hash: hex,
});
const eventLine = z.object({
  kind: z.literal('event'),
  event: z.looseObject({ eventId: z.string(), accountId: z.string() }),
  /** The hash it was sealed with, where the names of removed people were taken out of it. */
  sealedAs: hex.optional(),
});
const keySchema = publicJwkSchema.extend({ kid: z.string() });
const headLine = z.object({ kind: z.literal('head'), document: z.string(), keys: z.array(keySchema) });
const otherLine = z.discriminatedUnion('kind', [batchLine, eventLine, headLine]);

/** What a file of a chain came to. */
export interface ChainFileReport {
  installationId: string;
  accountId: string;
  accountName: string;
  writtenAt: string;
  batches: number;
  events: number;
  /** Events that were not sealed yet when the file was written, and are not in it. */
  unsealed: number;
  head: { batchNumber: number; hash: string } | null;
  /** The key that signed the head; null where there is none. */
  signedBy: string | null;
  /** Whether that key is one of those that were given as trusted; null where none were. */
  isTrusted: boolean | null;
  fault: ChainFault | null;
}

/** The file is not one of a chain, or was cut in the middle of a line; the message says where. */
export class ChainFileError extends Error {
  override name = 'ChainFileError';
}

/**
 * Recounts the chain of a file, line by line, without any server: no event was changed, removed or slipped in, and the
 * installation signed the end. Stops at the first fault.
 *
 * @param trusted keys from elsewhere; those in the file prove only that it was not changed since it was written
 * @throws ChainFileError when it is no such file
 */
export async function verifyChainFile(
  lines: AsyncIterable<string>,
  { trusted, keptHead }: { trusted?: readonly HeadKey[]; keptHead?: KeptHead } = {},
): Promise<ChainFileReport> {
  let report: ChainFileReport | undefined;
  let lineNumber = 0;
  let open: { batch: z.output<typeof batchLine>; hashes: Buffer[] } | undefined;
  let previous = { batchNumber: 0, hash: genesisHash.toString('hex'), epoch: 1 };
  let isKeptHeadSeen = false;
  const tally = new RewrittenTally();
  const statements: string[] = [];
  const faultAt = (batchNumber: number, what: string, eventId: string | null = null): ChainFault => ({
    accountId: report?.accountId ?? '',
    batchNumber,
    eventId,
    what,
  });

  /** The fault of the batch whose events are all read, if it has one. */
  const closeBatch = (): ChainFault | null => {
    if (open === undefined || report === undefined) return null;
    const { batch, hashes } = open;
    const { batchNumber, epoch } = batch;
    open = undefined;
    if (hashes.length !== batch.events) {
      return faultAt(batchNumber, `it was sealed with ${batch.events} events and has ${hashes.length}`);
    }
    const previousHash = Buffer.from(batch.previousHash, 'hex');
    const hash = hashOfBatch(previousHash, report.accountId, batchNumber, hashes, epoch).toString('hex');
    if (hash !== batch.hash) return faultAt(batchNumber, 'its hash does not fit its events');
    if (keptHead?.batchNumber === batchNumber) {
      isKeptHeadSeen = true;
      if (keptHead.hash !== hash) return faultAt(batchNumber, 'it does not have the hash that was kept');
    }
    report.batches += 1;
    report.events += hashes.length;
    report.head = { batchNumber, hash };
    previous = { batchNumber, hash, epoch };
    return null;
  };

  const beginBatch = (batch: z.output<typeof batchLine>): ChainFault | null => {
    const { batchNumber } = batch;
    if (batchNumber !== previous.batchNumber + 1) {
      return faultAt(batchNumber, `batch ${previous.batchNumber + 1} is missing before this one`);
    }
    if (batch.previousHash !== previous.hash)
      return faultAt(batchNumber, 'it does not follow the batch before');
    if (batch.epoch < previous.epoch) {
      return faultAt(batchNumber, 'its epoch is lower than that of the batch before');
    }
    open = { batch, hashes: [] };
    return null;
  };

  /** The hash an event was sealed with; one that was rewritten is counted for the statement that has to vouch for it. */
  const leafOf = (batchNumber: number, line: z.output<typeof eventLine>): Buffer => {
    const event = line.event as unknown as ChainedEvent;
    const hash = hashOfEvent(event);
    const statement = statementOf(event);
    if (statement !== undefined) statements.push(statement);
    if (line.sealedAs === undefined) return hash;
    const sealed = Buffer.from(line.sealedAs, 'hex');
    tally.add(batchNumber, event.eventId, sealed, hash);
    return sealed;
  };

  const checkHead = (line: z.output<typeof headLine>, found: ChainFileReport): ChainFault | null => {
    const at = found.head?.batchNumber ?? 0;
    const opened = openDocument(line.document, { type: eventHeadType, keyId: 'required', largest: 4096 });
    if (!opened.ok) return faultAt(at, `the signed head cannot be read: ${opened.detail}`);
    const keyId = opened.header.kid ?? '';
    const known = trusted?.find(({ kid }) => kid === keyId);
    const key = known ?? line.keys.find(({ kid }) => kid === keyId);
    if (key === undefined)
      return faultAt(at, `the head is signed by the key ${keyId}, which is not in the file`);
    const checked = checkDocument(opened, importPublicJwk(key));
    if (!checked.ok) return faultAt(at, `the signature of the head is wrong: ${checked.detail}`);
    const head = eventHeadSchema.safeParse(checked.payload);
    const fits =
      head.success &&
      head.data.accountId === found.accountId &&
      head.data.installationId === found.installationId &&
      head.data.batchNumber === found.head?.batchNumber &&
      head.data.hash === found.head.hash;
    if (!fits) return faultAt(at, 'the signed head is one of another chain');
    const rewritten = faultOfRewritten(found.accountId, tally, statements, [
      ...(trusted ?? []),
      ...line.keys,
    ]);
    if (rewritten !== null) return faultAt(rewritten.batchNumber, rewritten.what);
    found.signedBy = keyId;
    found.isTrusted = trusted === undefined ? null : known !== undefined;
    return null;
  };

  for await (const text of lines) {
    lineNumber += 1;
    if (text === '') continue;
    const line = parseLine(text, lineNumber);
    if (report === undefined) {
      const header = headerLine.safeParse(line);
      if (!header.success) throw new ChainFileError('This is no file of a chain of events.');
      const { installationId, accountId, accountName, writtenAt, unsealed } = header.data;
      report = {
        ...{ installationId, accountId, accountName, writtenAt, unsealed },
        ...{ batches: 0, events: 0, head: null, signedBy: null, isTrusted: null, fault: null },
      };
      continue;
    }
    const parsed = otherLine.safeParse(line);
    if (!parsed.success)
      throw new ChainFileError(`Line ${lineNumber} is neither a batch nor an event nor a head.`);
    const { data } = parsed;
    if (report.signedBy !== null) throw new ChainFileError(`Line ${lineNumber} comes after the head.`);
    if (data.kind === 'event') {
      if (open === undefined) {
        report.fault = faultAt(previous.batchNumber, 'an event belongs to no batch', data.event.eventId);
      } else if (data.event.accountId !== report.accountId) {
        report.fault = faultAt(open.batch.batchNumber, 'the event is of another account', data.event.eventId);
      } else open.hashes.push(leafOf(open.batch.batchNumber, data));
    } else {
      report.fault = closeBatch() ?? (data.kind === 'batch' ? beginBatch(data) : checkHead(data, report));
    }
    if (report.fault !== null) return report;
  }
  if (report === undefined) throw new ChainFileError('The file is empty.');
  report.fault ??= closeBatch();
  if (report.fault === null && report.batches > 0 && report.signedBy === null) {
    report.fault = faultAt(previous.batchNumber, 'the file ends before its signed head: it was cut off');
  }
  if (report.fault === null && keptHead !== undefined && !isKeptHeadSeen) {
    report.fault = faultAt(
      keptHead.batchNumber,
      'the file does not reach the batch of the head that was kept',
    );
  }
  return report;
}

function parseLine(text: string, lineNumber: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ChainFileError(`Line ${lineNumber} is not JSON: the file was cut off or changed.`);
  }
}

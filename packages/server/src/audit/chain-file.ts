import { downloadEventChain, downloadPlatformEventChain } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { type FileAnswer, fileView } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { requireAllEvents, signHead } from './event-head.ts';
import {
  type BatchRow,
  batchesAfter,
  chained,
  countUnsealed,
  documentKeys,
  eventsOfBatch,
  type StoredEvent,
} from './events-store.ts';
import { platformAccountId } from './record-event.ts';

/** What the first line of the file says it is. */
export const chainFileKind = 'estover-event-chain';

const lineOf = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** An event that was rewritten carries the hash it was sealed with; the chain is made of that one. */
const eventLine = (event: StoredEvent): string =>
  lineOf({
    kind: 'event',
    event: chained(event),
    ...(event.rewrittenAt === null ? {} : { sealedAs: event.hash?.toString('hex') }),
  });

/** A header, then each batch with its events right behind it, then the head as it was signed. */
async function* chainLines(
  context: Context,
  account: { accountId: string; name: string },
): AsyncGenerator<string> {
  const { trx, installation, now } = context;
  const { accountId, name } = account;
  yield lineOf({
    kind: chainFileKind,
    version: 1,
    installationId: installation.installationId,
    accountId,
    accountName: name,
    writtenAt: now.toString(),
    unsealed: await countUnsealed(trx, accountId),
  });
  let last: BatchRow | undefined;
  for (;;) {
    const batches = await batchesAfter(trx, accountId, last?.batchNumber ?? 0, 100);
    if (batches.length === 0) break;
    for (const batch of batches) {
      const { batchNumber, epoch, events, sealedAt } = batch;
      const [previousHash, hash] = [batch.previousHash.toString('hex'), batch.hash.toString('hex')];
      const head = { kind: 'batch', batchNumber, epoch, events, previousHash, hash };
      yield lineOf({ ...head, sealedAt: sealedAt.toString() });
      const found = await eventsOfBatch(trx, accountId, batchNumber);
      yield found.map(eventLine).join('');
      last = batch;
    }
  }
  if (last === undefined) return;
  // A statement about rewritten events may be older than the keys that are believed today.
  const trusted = await installation.signingKeys.trusted(now);
  const known = new Set(trusted.map(({ kid }) => kid));
  const keys = [...trusted, ...(await documentKeys(trx)).filter(({ kid }) => !known.has(kid))];
  const document = await signHead(context, accountId, last);
  yield lineOf({ kind: 'head', document, keys });
}

const chainFile = (
  context: Context,
  account: { accountId: string; name: string },
  named: string,
): FileAnswer => ({
  contentType: 'application/x-ndjson; charset=utf-8',
  fileName: `estover-event-chain-${named}-${context.now.toZonedDateTimeISO('UTC').toPlainDate()}.ndjson`,
  stream: chainLines(context, account),
});

export const downloadEventChainView = fileView(downloadEventChain, async (context, { params }) => {
  requireAllEvents(context);
  const account = await context.trx
    .selectFrom('accounts')
    .select(['account_id as accountId', 'name', 'domain_identifier as domainIdentifier'])
    .where('account_id', '=', params.accountId)
    .executeTakeFirst();
  if (account === undefined) throw notFound('account');
  return chainFile(context, account, account.domainIdentifier);
});

export const downloadPlatformEventChainView = fileView(downloadPlatformEventChain, async (context) =>
  chainFile(context, { accountId: platformAccountId, name: 'The platform' }, 'platform'),
);

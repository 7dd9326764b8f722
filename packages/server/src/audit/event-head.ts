import { reachOf } from '@estover/domain/access';
import { type EventHead, eventHeadType, getEventHead, getPlatformEventHead } from '@estover/protocol';
import { signDocument } from '@estover/protocol/signing';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { type BatchRow, countUnsealed, lastBatch } from './events-store.ts';
import { platformAccountId } from './record-event.ts';

/** The chain names every event of the account, so it is for those who see them all. */
export function requireAllEvents({ grants }: Context): void {
  if (reachOf(grants, 'view-all-events').kind === 'everything') return;
  throw new Refused(
    'not-allowed',
    'The chain holds all events of the account. It takes the role of an administrator or approver.',
    { action: 'view-all-events' },
  );
}

/** Signs the head of a chain, so that it can be kept elsewhere and nobody can say later that it was another one. */
export async function signHead(
  { installation, now }: Context,
  accountId: string,
  { batchNumber, hash, epoch }: BatchRow,
): Promise<string> {
  const key = await installation.signingKeys.current(now);
  const head: EventHead = {
    installationId: installation.installationId,
    accountId,
    batchNumber,
    hash: hash.toString('hex'),
    epoch,
    signedAt: now.toString(),
  };
  return signDocument(head, { type: eventHeadType, keyId: key.keyId }, key.privateKey);
}

async function headOf(context: Context, accountId: string) {
  const last = await lastBatch(context.trx, accountId);
  return {
    head:
      last === undefined
        ? null
        : {
            batchNumber: last.batchNumber,
            hash: last.hash.toString('hex'),
            sealedAt: last.sealedAt.toString(),
            document: await signHead(context, accountId, last),
          },
    unsealed: await countUnsealed(context.trx, accountId),
  };
}

export const getEventHeadView = view(getEventHead, async (context, { params }) => {
  requireAllEvents(context);
  return headOf(context, params.accountId);
});

export const getPlatformEventHeadView = view(getPlatformEventHead, (context) =>
  headOf(context, platformAccountId),
);

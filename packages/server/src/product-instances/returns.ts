import { compareEpochs } from '@estover/domain/product-instances';
import type { Ledger } from '../licenses/index.ts';
import { instanceActor, recordInstanceEvents } from './instance-alerts.ts';
import type { InstanceRow } from './instances-store.ts';

/** A message that is acted upon, and what the server knew before it. */
export interface PossibleReturn {
  row: Pick<InstanceRow, 'accountId' | 'instanceId' | 'virtualAccountId' | 'displayName'>;
  /** The highest sequence number seen before this message. */
  lastSequence: number;
  request: { sequence: number; epoch?: number | undefined };
}

/**
 * Records the instances that were last answered in another epoch (docs/protocol.md, "After a restore"). Nothing else is
 * different for them: their sequence goes on from the message, and a report of use is the whole of it.
 */
export async function recordReturns(
  ledger: Ledger,
  messages: readonly PossibleReturn[],
  epoch: number,
): Promise<void> {
  const returned = messages.filter(({ request }) => compareEpochs(request.epoch, epoch) !== 'same');
  if (returned.length === 0) return;
  await recordInstanceEvents(
    ledger,
    returned.map(({ row, lastSequence, request }) => ({
      row,
      actor: instanceActor(row),
      operation: 'resynchronizeProductInstance',
      message: `${row.displayName} ${wordsOf(compareEpochs(request.epoch, epoch))}, at message ${request.sequence}; the server knew ${lastSequence}`,
      before: { epoch: request.epoch, lastSequence },
      after: { epoch, lastSequence: Math.max(lastSequence, request.sequence) },
    })),
  );
}

const wordsOf = (found: ReturnType<typeof compareEpochs>): string =>
  found === 'behind'
    ? "was answered in an epoch that the installation's data knows nothing of: it was set back without a restore"
    : 'came back after the restore';

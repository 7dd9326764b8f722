import { accept, type Decision, refuse } from '../../refusal.ts';
import { type Entry, holdingPlace } from '../holding.ts';
import type { LedgerFacts, QuantityByState } from '../ledger.ts';
import type { LotQuantity } from '../precedence.ts';
import type { NotEnoughAvailable, VirtualAccountsTheSame } from '../refusals.ts';
import { type TakeLine, type TakeRefusal, takeLines } from '../take-lines.ts';
import { balanceEntries, type Transfer } from './movement.ts';

export type TransferRequest = {
  readonly fromVirtualAccountId: string;
  readonly toVirtualAccountId: string;
  readonly lines: readonly TakeLine[];
  readonly reason?: string | undefined;
};
export type TransferRefusal = VirtualAccountsTheSame | TakeRefusal;

/**
 * Moves available units from one virtual account to another of the same account, several licenses at once, all or
 * nothing (seed 001). Units keep their lot, and so their original dates. In-use counts do not stop a transfer; the
 * preview says who would fall out of compliance.
 *
 * @param facts holdings of the giving virtual account, with their lots; those of the receiving one are not needed.
 */
export function transfer(
  facts: LedgerFacts,
  request: TransferRequest,
  at: Temporal.Instant,
): Decision<Transfer, TransferRefusal> {
  const { fromVirtualAccountId, toVirtualAccountId, lines, reason } = request;
  if (fromVirtualAccountId === toVirtualAccountId) {
    return refuse('virtual-accounts-the-same', { virtualAccountId: fromVirtualAccountId });
  }
  const taken = takeLines(facts, fromVirtualAccountId, lines, at);
  if (!taken.ok) return taken;
  // Nothing is refused below this line.
  return accept({
    kind: 'transfer',
    at,
    reason: reason ?? null,
    undoes: null,
    entries: transferEntries(taken.value, fromVirtualAccountId, toVirtualAccountId),
  });
}

/** The entries that carry available units of lots from one virtual account to another. */
export function transferEntries(parts: readonly LotQuantity[], from: string, to: string): readonly Entry[] {
  return balanceEntries(
    parts.flatMap(({ lotId, quantity }) => [
      { place: holdingPlace(from, lotId, 'available'), quantity: -quantity },
      { place: holdingPlace(to, lotId, 'available'), quantity },
    ]),
  );
}

/** Whether anything of a pool can be transferred or held, and if so how many units at most. For a button. */
export function canTransfer(pool: {
  readonly licenseId: string;
  readonly quantities: QuantityByState;
}): Decision<number, NotEnoughAvailable> {
  const { available, ...elsewhere } = pool.quantities;
  if (available > 0) return accept(available);
  const { licenseId } = pool;
  return refuse('not-enough-available', {
    lines: [{ line: 0, licenseId, lotId: null, asked: 1, available, elsewhere }],
  });
}

import { accept, type Decision, refuse } from '../../refusal.ts';
import { type HoldingPlace, holdingPlace } from '../holding.ts';
import type { LedgerFacts } from '../ledger.ts';
import type { VirtualAccountsTheSame } from '../refusals.ts';
import { balanceEntries, type Transfer } from './movement.ts';

export type MoveEverythingRequest = {
  readonly fromVirtualAccountId: string;
  readonly toVirtualAccountId: string;
  readonly reason: string;
};

/**
 * Moves all that lies in a virtual account to another one, whatever state it is in: pending, reserved, held and
 * expired units stay so. For a virtual account that is being deleted; a transfer moves available units only.
 */
export function moveEverything(
  facts: LedgerFacts,
  { fromVirtualAccountId, toVirtualAccountId, reason }: MoveEverythingRequest,
  at: Temporal.Instant,
): Decision<Transfer, VirtualAccountsTheSame> {
  if (fromVirtualAccountId === toVirtualAccountId) {
    return refuse('virtual-accounts-the-same', { virtualAccountId: fromVirtualAccountId });
  }
  // Nothing is refused below this line.
  const entries = facts.holdings
    .filter(({ virtualAccountId }) => virtualAccountId === fromVirtualAccountId)
    .flatMap(({ lotId, state, quantity }): { place: HoldingPlace; quantity: number }[] => [
      { place: holdingPlace(fromVirtualAccountId, lotId, state), quantity: -quantity },
      { place: holdingPlace(toVirtualAccountId, lotId, state), quantity },
    ]);
  return accept({ kind: 'transfer', at, reason, undoes: null, entries: balanceEntries(entries) });
}

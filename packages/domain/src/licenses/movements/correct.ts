import { accept, type Decision, refuse } from '../../refusal.ts';
import { holdingPlace } from '../holding.ts';
import type { LedgerFacts } from '../ledger.ts';
import { quantityByState } from '../ledger.ts';
import { termStateAt } from '../lot.ts';
import { MAX_QUANTITY } from '../quantity.ts';
import type {
  LotTooLarge,
  LotUnknown,
  NotEnoughInState,
  QuantityInvalid,
  ReasonMissing,
} from '../refusals.ts';
import { findInvalidQuantity } from '../take-lines.ts';
import { balanceEntries, type Correct } from './movement.ts';

/** `delivered`: how many units of the lot were delivered so far, over the whole account. */
export type CorrectFacts = LedgerFacts & { readonly delivered: number };
export type CorrectRequest = {
  readonly virtualAccountId: string;
  readonly lotId: string;
  /** `add` delivers units that were missing; `withdraw` takes units out of the account (a return, a wrong delivery). */
  readonly change: 'add' | 'withdraw';
  readonly quantity: number;
  /** Where to withdraw from; the state the lot's term has now unless named. Reserved and held units must come back first. */
  readonly from?: 'pending' | 'available' | 'expired' | undefined;
  readonly reason: string;
};
export type CorrectRefusal = ReasonMissing | QuantityInvalid | LotUnknown | LotTooLarge | NotEnoughInState;

/**
 * Corrects how much of a lot there is, always with a reason. When more is in use than is left the pool is out of
 * compliance, nothing is cut off; so use does not stop a correction.
 */
export function correct(
  facts: CorrectFacts,
  request: CorrectRequest,
  at: Temporal.Instant,
): Decision<Correct, CorrectRefusal> {
  const { virtualAccountId, lotId, change, quantity } = request;
  const reason = request.reason.trim();
  if (reason === '') return refuse('reason-missing', {});
  const invalid = findInvalidQuantity(quantity, null);
  if (invalid) return invalid;
  const lot = facts.lots.find((each) => each.lotId === lotId);
  if (!lot) return refuse('lot-unknown', { lotId });
  if (change === 'add' && facts.delivered + quantity > MAX_QUANTITY) {
    const { delivered } = facts;
    return refuse('lot-too-large', { lotId, asked: quantity, delivered, maximum: MAX_QUANTITY });
  }
  const termState = termStateAt(lot.term, at);
  const state = change === 'withdraw' ? (request.from ?? termState) : termState;
  const found = quantityByState(
    facts.holdings.filter((each) => each.virtualAccountId === virtualAccountId && each.lotId === lotId),
  );
  if (change === 'withdraw' && found[state] < quantity) {
    return refuse('not-enough-in-state', { lotId, state, asked: quantity, found });
  }
  // Nothing is refused below this line.
  const place = holdingPlace(virtualAccountId, lotId, state);
  const entries =
    change === 'add'
      ? [
          { place: { kind: 'delivered' as const, lotId }, quantity: -quantity },
          { place, quantity },
        ]
      : [
          { place, quantity: -quantity },
          { place: { kind: 'withdrawn' as const, lotId }, quantity },
        ];
  return accept({ kind: 'correct', at, reason, entries: balanceEntries(entries) });
}

import { accept, type Decision, refuse } from '../../refusal.ts';
import { holdingPlace } from '../holding.ts';
import { type Lot, termStateAt } from '../lot.ts';
import { MAX_QUANTITY } from '../quantity.ts';
import type { LotTooLarge, QuantityInvalid, TermInvalid } from '../refusals.ts';
import { findInvalidQuantity } from '../take-lines.ts';
import { balanceEntries, type Deposit } from './movement.ts';

/** `delivered`: how many units of the lot were delivered before; 0 for a new lot. */
export type DepositFacts = { readonly lot: Lot; readonly delivered: number };
export type DepositRequest = {
  readonly virtualAccountId: string;
  readonly quantity: number;
  readonly reason?: string | undefined;
};
export type DepositRefusal = QuantityInvalid | TermInvalid | LotTooLarge;

/**
 * Delivers units of a lot into a virtual account, into the state its term has at `at`: a future term is pending, and
 * one that is already over (imported history) is expired. A lot may be delivered in parts.
 */
export function deposit(
  facts: DepositFacts,
  request: DepositRequest,
  at: Temporal.Instant,
): Decision<Deposit, DepositRefusal> {
  const { lot, delivered } = facts;
  const { virtualAccountId, quantity } = request;
  const invalid = findInvalidQuantity(quantity, null);
  if (invalid) return invalid;
  if (lot.term.kind !== 'perpetual') {
    const { startsAt, endsAt } = lot.term;
    if (Temporal.Instant.compare(startsAt, endsAt) >= 0) return refuse('term-invalid', { startsAt, endsAt });
  }
  if (delivered + quantity > MAX_QUANTITY) {
    return refuse('lot-too-large', { lotId: lot.lotId, asked: quantity, delivered, maximum: MAX_QUANTITY });
  }
  // Nothing is refused below this line.
  const state = termStateAt(lot.term, at);
  return accept({
    kind: 'deposit',
    at,
    reason: request.reason ?? null,
    entries: balanceEntries([
      { place: { kind: 'delivered', lotId: lot.lotId }, quantity: -quantity },
      { place: holdingPlace(virtualAccountId, lot.lotId, state), quantity },
    ]),
  });
}

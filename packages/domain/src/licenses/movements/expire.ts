import { accept, type Decision, refuse } from '../../refusal.ts';
import { type Entry, holdingPlace } from '../holding.ts';
import { type LedgerFacts, lotOf, lotsById } from '../ledger.ts';
import { termStateAt } from '../lot.ts';
import type { NothingToExpire } from '../refusals.ts';
import { balanceEntries, type Expire } from './movement.ts';

/**
 * Expires the available units of every lot whose term is over, used or not (seed 001). Reserved units stay with
 * their product instance and held ones with their hold; both become expired when they come back.
 */
export function expire(facts: LedgerFacts, at: Temporal.Instant): Decision<Expire, NothingToExpire> {
  const lots = lotsById(facts.lots);
  const entries: Entry[] = [];
  for (const { virtualAccountId, lotId, state, quantity } of facts.holdings) {
    if (state !== 'available' || quantity === 0) continue;
    if (termStateAt(lotOf(lots, lotId).term, at) !== 'expired') continue;
    entries.push({ place: holdingPlace(virtualAccountId, lotId, 'available'), quantity: -quantity });
    entries.push({ place: holdingPlace(virtualAccountId, lotId, 'expired'), quantity });
  }
  if (entries.length === 0) return refuse('nothing-to-expire', {});
  // Nothing is refused below this line.
  return accept({ kind: 'expire', at, reason: null, entries: balanceEntries(entries) });
}

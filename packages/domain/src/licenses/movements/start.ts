import { accept, type Decision, refuse } from '../../refusal.ts';
import { type Entry, holdingPlace } from '../holding.ts';
import { type LedgerFacts, lotOf, lotsById } from '../ledger.ts';
import { termStateAt } from '../lot.ts';
import type { NothingToStart } from '../refusals.ts';
import { balanceEntries, type Start } from './movement.ts';

/**
 * Makes the pending units of every lot whose term has begun available. A term that is already over as well is
 * started all the same; `expire`, run after it at the same instant, ends it, so that the history shows both.
 */
export function start(facts: LedgerFacts, at: Temporal.Instant): Decision<Start, NothingToStart> {
  const lots = lotsById(facts.lots);
  const entries: Entry[] = [];
  for (const { virtualAccountId, lotId, state, quantity } of facts.holdings) {
    if (state !== 'pending' || quantity === 0) continue;
    if (termStateAt(lotOf(lots, lotId).term, at) === 'pending') continue;
    entries.push({ place: holdingPlace(virtualAccountId, lotId, 'pending'), quantity: -quantity });
    entries.push({ place: holdingPlace(virtualAccountId, lotId, 'available'), quantity });
  }
  if (entries.length === 0) return refuse('nothing-to-start', {});
  // Nothing is refused below this line.
  return accept({ kind: 'start', at, reason: null, entries: balanceEntries(entries) });
}

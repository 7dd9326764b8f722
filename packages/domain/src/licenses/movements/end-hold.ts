import { refuse } from '../../refusal.ts';
import { type Entry, holdingPlace, type Place } from '../holding.ts';
import { lotOf, lotsById } from '../ledger.ts';
import { type Lot, type TermState, termStateAt } from '../lot.ts';
import type { HoldEnded } from '../refusals.ts';
import { balanceEntries, type Hold } from './movement.ts';

/** A hold, the lots of its parts, and by what it already ended, if it did. */
export type EndHoldFacts = {
  readonly hold: Hold;
  readonly lots: readonly Lot[];
  readonly endedBy: 'post' | 'void' | null;
};

/** A hold ends once: the refusal for a second end, or null. */
export function findHoldEnded({ hold, endedBy }: EndHoldFacts): HoldEnded | null {
  return endedBy === null ? null : refuse('hold-ended', { holdId: hold.holdId, endedBy });
}

/** The entries that empty a hold; `destination` says where the units of a lot go, given the state of its term now. */
export function endHoldEntries(
  { hold, lots: listed }: EndHoldFacts,
  at: Temporal.Instant,
  destination: (lotId: string, termState: TermState) => Place,
): readonly Entry[] {
  const lots = lotsById(listed);
  return balanceEntries(
    hold.parts.flatMap(({ lotId, quantity }) => [
      { place: holdingPlace(hold.virtualAccountId, lotId, 'held'), quantity: -quantity },
      { place: destination(lotId, termStateAt(lotOf(lots, lotId).term, at)), quantity },
    ]),
  );
}

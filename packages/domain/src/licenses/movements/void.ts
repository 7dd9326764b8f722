import { accept, type Decision } from '../../refusal.ts';
import { holdingPlace } from '../holding.ts';
import type { HoldEnded } from '../refusals.ts';
import { type EndHoldFacts, endHoldEntries, findHoldEnded } from './end-hold.ts';
import type { Void } from './movement.ts';

/** Gives held units back to where they were; those whose term ended in between come back expired. */
export function voidHold(
  facts: EndHoldFacts,
  request: { readonly reason?: string | undefined },
  at: Temporal.Instant,
): Decision<Void, HoldEnded> {
  const ended = findHoldEnded(facts);
  if (ended) return ended;
  // Nothing is refused below this line.
  const { hold } = facts;
  const entries = endHoldEntries(facts, at, (lotId, state) =>
    holdingPlace(hold.virtualAccountId, lotId, state),
  );
  return accept({ kind: 'void', at, reason: request.reason ?? null, hold, entries });
}

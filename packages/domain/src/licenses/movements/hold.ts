import { accept, type Decision } from '../../refusal.ts';
import { holdingPlace } from '../holding.ts';
import type { LedgerFacts } from '../ledger.ts';
import { type TakeLine, type TakeRefusal, takeLines } from '../take-lines.ts';
import { balanceEntries, type HoldMovement, type HoldPurpose } from './movement.ts';

export type HoldRequest = {
  /** Made by the caller and kept before asking, so that a repeat is recognised. */
  readonly holdId: string;
  readonly purpose: HoldPurpose;
  readonly virtualAccountId: string;
  readonly lines: readonly TakeLine[];
  readonly reason?: string | undefined;
};

/**
 * Holds available units of a virtual account, all lines or none. The movement carries the hold, which lists exactly
 * the lots taken; `post` or `void` ends it.
 */
export function hold(
  facts: LedgerFacts,
  request: HoldRequest,
  at: Temporal.Instant,
): Decision<HoldMovement, TakeRefusal> {
  const { holdId, purpose, virtualAccountId, lines, reason } = request;
  const taken = takeLines(facts, virtualAccountId, lines, at);
  if (!taken.ok) return taken;
  // Nothing is refused below this line.
  return accept({
    kind: 'hold',
    at,
    reason: reason ?? null,
    hold: { holdId, purpose, virtualAccountId, parts: taken.value },
    entries: balanceEntries(
      taken.value.flatMap(({ lotId, quantity }) => [
        { place: holdingPlace(virtualAccountId, lotId, 'available'), quantity: -quantity },
        { place: holdingPlace(virtualAccountId, lotId, 'held'), quantity },
      ]),
    ),
  });
}

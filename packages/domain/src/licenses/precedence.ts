import { compareIds } from './holding.ts';
import { type Lot, termEndsAt, termStartsAt } from './lot.ts';

/** Units of one lot. */
export type LotQuantity = { readonly lotId: string; readonly quantity: number };

/** Which lots go first: by term, or exactly the lots named, whose quantities add up to the line's. */
export type Precedence =
  | 'longest-term-first'
  | 'shortest-term-first'
  | { readonly lots: readonly LotQuantity[] };

/** The default (seeds 001 and 003): what lasts longest goes first. */
export const DEFAULT_PRECEDENCE = 'longest-term-first' satisfies Precedence;

/**
 * Compares lots so that those to take first come first. The longest term is the one that ends last; perpetual
 * never ends. Lots that end together go by the earlier start, then by lot id, in both directions, so that the same
 * request always takes the same lots.
 */
export function compareLots(
  left: Lot,
  right: Lot,
  precedence: 'longest-term-first' | 'shortest-term-first',
): number {
  const byEnd = compareEnds(left, right);
  if (byEnd !== 0) return precedence === 'shortest-term-first' ? byEnd : -byEnd;
  return compareStarts(left, right) || compareIds(left.lotId, right.lotId);
}

function compareEnds(left: Lot, right: Lot): number {
  const leftEnd = termEndsAt(left.term);
  const rightEnd = termEndsAt(right.term);
  if (leftEnd === null || rightEnd === null) return Number(leftEnd === null) - Number(rightEnd === null);
  return Temporal.Instant.compare(leftEnd, rightEnd);
}

function compareStarts(left: Lot, right: Lot): number {
  const leftStart = termStartsAt(left.term);
  const rightStart = termStartsAt(right.term);
  if (leftStart === null || rightStart === null) {
    return Number(rightStart === null) - Number(leftStart === null);
  }
  return Temporal.Instant.compare(leftStart, rightStart);
}

/**
 * The states a virtual account's units of a lot can be in, in the order they are shown and locked.
 * pending: the term has not started · available: usable here and movable · reserved: locked to a product
 * instance · held: promised to something that is still being decided · expired: the term is over.
 */
export const HOLDING_STATES = ['pending', 'available', 'reserved', 'held', 'expired'] as const;
export type HoldingState = (typeof HOLDING_STATES)[number];

/** How much of a lot a virtual account has in one state. Quantity ≥ 0. */
export type Holding = {
  readonly virtualAccountId: string;
  readonly lotId: string;
  readonly state: HoldingState;
  readonly quantity: number;
};

/** A place inside the account. */
export type HoldingPlace = {
  readonly kind: 'holding';
  readonly virtualAccountId: string;
  readonly lotId: string;
  readonly state: HoldingState;
};

/**
 * The two places outside: `delivered` is where units come from, so its sum is minus everything ever delivered of
 * the lot; `withdrawn` is where units go when they leave the account.
 */
export type OutsidePlace = { readonly kind: 'delivered' | 'withdrawn'; readonly lotId: string };

export type Place = HoldingPlace | OutsidePlace;

/** One side of a movement: so many units more (positive) or fewer (negative) at a place. Never 0. */
export type Entry = { readonly place: Place; readonly quantity: number };

export function holdingPlace(virtualAccountId: string, lotId: string, state: HoldingState): HoldingPlace {
  return { kind: 'holding', virtualAccountId, lotId, state };
}

/** A text that is equal for equal places; for maps, not for storage. */
export function placeKey(place: Place): string {
  return place.kind === 'holding'
    ? JSON.stringify([place.virtualAccountId, place.lotId, place.state])
    : JSON.stringify([place.kind, place.lotId]);
}

/**
 * The order in which holdings are locked and listed: virtual account, lot, state; the outside places last.
 * Everybody locks in this order, so that two crossing transfers cannot wait for each other.
 */
export function comparePlaces(left: Place, right: Place): number {
  if (left.kind === 'holding' && right.kind === 'holding') {
    return (
      compareIds(left.virtualAccountId, right.virtualAccountId) ||
      compareIds(left.lotId, right.lotId) ||
      HOLDING_STATES.indexOf(left.state) - HOLDING_STATES.indexOf(right.state)
    );
  }
  if (left.kind === 'holding') return -1;
  if (right.kind === 'holding') return 1;
  return compareIds(left.kind, right.kind) || compareIds(left.lotId, right.lotId);
}

/** Compares identifiers by their characters alone, so that the order is the same on every machine and locale. */
export function compareIds(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

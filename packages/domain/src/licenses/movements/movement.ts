import { comparePlaces, type Entry, placeKey } from '../holding.ts';
import type { LotQuantity } from '../precedence.ts';

/** The kinds of movement, one file each in this folder. Closed. */
export const MOVEMENT_KINDS = [
  'deposit',
  'transfer',
  'start',
  'expire',
  'correct',
  'hold',
  'post',
  'void',
] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

type MovementOf<Kind extends MovementKind, More extends object = object> = {
  readonly kind: Kind;
  readonly at: Temporal.Instant;
  /** Why, in the words of whoever asked; null where none was asked for. */
  readonly reason: string | null;
  /** In lock order; they sum to zero for every lot. */
  readonly entries: readonly Entry[];
} & Readonly<More>;

/**
 * One balanced change of holdings. Decided here, never edited once recorded. The author, the request and the id are
 * added by who records it.
 */
export type Movement = Deposit | Transfer | Start | Expire | Correct | HoldMovement | Post | Void;
export type Deposit = MovementOf<'deposit'>;
/** `undoes` is the id of the transfer this one takes back, otherwise null. */
export type Transfer = MovementOf<'transfer', { undoes: string | null }>;
export type Start = MovementOf<'start'>;
export type Expire = MovementOf<'expire'>;
export type Correct = MovementOf<'correct', { reason: string }>;
export type HoldMovement = MovementOf<'hold', { hold: Hold }>;
export type Post = MovementOf<'post', { hold: Hold }>;
export type Void = MovementOf<'void', { hold: Hold }>;

/** A movement as it is kept: with the id it was recorded under. */
export type Recorded<Kind extends Movement = Movement> = Kind & { readonly movementId: string };

/** What units are held for. */
export type HoldPurpose = 'reservation' | 'asset-transfer' | 'site-allotment';

/**
 * Units of one virtual account that are promised while something is decided. A hold ends once, by a post or a void,
 * each a movement of its own.
 */
export type Hold = {
  readonly holdId: string;
  readonly purpose: HoldPurpose;
  readonly virtualAccountId: string;
  readonly parts: readonly LotQuantity[];
};

/**
 * Whether held units still cover use where they are. Assets in transfer do, until the transfer is initiated
 * (seed 000); what is held for a reservation or a site is already spoken for.
 */
export function usableWhileHeld(purpose: HoldPurpose): boolean {
  return purpose === 'asset-transfer';
}

/**
 * Puts entries into their final form: one per place, none of 0, in lock order. Throws when they do not sum to zero
 * for every lot, which would be a fault of the movement's file and must never reach the ledger.
 */
export function balanceEntries(entries: Iterable<Entry>): readonly Entry[] {
  const byPlace = new Map<string, Entry>();
  const sums = new Map<string, number>();
  for (const { place, quantity } of entries) {
    const key = placeKey(place);
    byPlace.set(key, { place, quantity: (byPlace.get(key)?.quantity ?? 0) + quantity });
    sums.set(place.lotId, (sums.get(place.lotId) ?? 0) + quantity);
  }
  for (const [lotId, sum] of sums) {
    if (sum !== 0) throw new Error(`Entries of lot ${lotId} sum to ${sum} instead of 0.`);
  }
  return [...byPlace.values()]
    .filter(({ quantity }) => quantity !== 0)
    .sort((left, right) => comparePlaces(left.place, right.place));
}

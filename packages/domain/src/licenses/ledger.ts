import {
  comparePlaces,
  type Entry,
  type Holding,
  type HoldingState,
  holdingPlace,
  placeKey,
} from './holding.ts';
import type { Lot } from './lot.ts';

/**
 * What a movement decides on: the lots concerned and every holding of them in the virtual accounts concerned.
 * A holding that is not listed is 0; a listed holding whose lot is not listed is an error of the caller.
 */
export type LedgerFacts = { readonly lots: readonly Lot[]; readonly holdings: readonly Holding[] };

/** A ledger rebuilt from entries: the holdings above 0, and what was delivered and withdrawn, by lot id. */
export type Ledger = {
  readonly holdings: readonly Holding[];
  readonly delivered: ReadonlyMap<string, number>;
  readonly withdrawn: ReadonlyMap<string, number>;
};

/** Units by state: of one pool, or of whatever the holdings given were filtered by. */
export type QuantityByState = Readonly<Record<HoldingState, number>>;

/**
 * Rebuilds the ledger from entries, for example all entries up to a past instant to see holdings as of then.
 * The order of entries does not matter. A sum below zero is kept, for {@link brokenLaws} to report.
 */
export function replay(entries: Iterable<Entry>): Ledger {
  return applyEntries({ holdings: [], delivered: new Map(), withdrawn: new Map() }, entries);
}

/** The ledger after more entries. Pure: the ledger given stays as it is. */
export function applyEntries(ledger: Ledger, entries: Iterable<Entry>): Ledger {
  const holdings = new Map<string, Holding>();
  const add = ({ virtualAccountId, lotId, state, quantity }: Holding) => {
    const key = placeKey(holdingPlace(virtualAccountId, lotId, state));
    const before = holdings.get(key)?.quantity ?? 0;
    holdings.set(key, { virtualAccountId, lotId, state, quantity: before + quantity });
  };
  for (const holding of ledger.holdings) add(holding);
  const delivered = new Map(ledger.delivered);
  const withdrawn = new Map(ledger.withdrawn);
  for (const { place, quantity } of entries) {
    if (place.kind === 'holding') {
      add({ ...place, quantity });
    } else if (place.kind === 'delivered') {
      delivered.set(place.lotId, (delivered.get(place.lotId) ?? 0) - quantity);
    } else {
      withdrawn.set(place.lotId, (withdrawn.get(place.lotId) ?? 0) + quantity);
    }
  }
  return {
    holdings: sortHoldings([...holdings.values()].filter((holding) => holding.quantity !== 0)),
    delivered,
    withdrawn,
  };
}

/** Holdings after entries, when what is outside does not matter; for previews and for a batch of decisions. */
export function applyToHoldings(holdings: readonly Holding[], entries: Iterable<Entry>): readonly Holding[] {
  return applyEntries({ holdings, delivered: new Map(), withdrawn: new Map() }, entries).holdings;
}

/** A law of the ledger that does not hold, with the numbers. Empty is good. Used by auditor and tests. */
export type BrokenLaw =
  | { readonly law: 'nothing-below-zero'; readonly holding: Holding }
  | {
      readonly law: 'delivered-is-accounted-for';
      readonly lotId: string;
      readonly delivered: number;
      readonly found: number;
    };

/** Checks that nothing is below zero and delivered = pending + available + reserved + held + expired + withdrawn. */
export function brokenLaws(ledger: Ledger): readonly BrokenLaw[] {
  const broken: BrokenLaw[] = [];
  const found = new Map(ledger.withdrawn);
  for (const holding of ledger.holdings) {
    if (holding.quantity < 0) broken.push({ law: 'nothing-below-zero', holding });
    found.set(holding.lotId, (found.get(holding.lotId) ?? 0) + holding.quantity);
  }
  for (const lotId of new Set([...ledger.delivered.keys(), ...found.keys()])) {
    const delivered = ledger.delivered.get(lotId) ?? 0;
    const accounted = found.get(lotId) ?? 0;
    if (delivered !== accounted) {
      broken.push({ law: 'delivered-is-accounted-for', lotId, delivered, found: accounted });
    }
  }
  return broken;
}

/** Adds up holdings by state. */
export function quantityByState(holdings: Iterable<Holding>): QuantityByState {
  const sum = { pending: 0, available: 0, reserved: 0, held: 0, expired: 0 };
  for (const { state, quantity } of holdings) sum[state] += quantity;
  return sum;
}

/** Lots by id. */
export function lotsById(lots: readonly Lot[]): ReadonlyMap<string, Lot> {
  return new Map(lots.map((lot) => [lot.lotId, lot]));
}

/** The lot of a holding. Throws when the caller gave a holding without its lot, since that would be miscounted. */
export function lotOf(lots: ReadonlyMap<string, Lot>, lotId: string): Lot {
  const lot = lots.get(lotId);
  if (!lot) throw new Error(`The facts name lot ${lotId} but do not include it.`);
  return lot;
}

function sortHoldings(holdings: Holding[]): Holding[] {
  return holdings.sort((left, right) =>
    comparePlaces(
      holdingPlace(left.virtualAccountId, left.lotId, left.state),
      holdingPlace(right.virtualAccountId, right.lotId, right.state),
    ),
  );
}

/** For how long a lot may be used. A term runs from `startsAt` (included) to `endsAt` (not included). */
export type Term =
  | { readonly kind: 'perpetual' }
  | { readonly kind: 'term'; readonly startsAt: Temporal.Instant; readonly endsAt: Temporal.Instant }
  | { readonly kind: 'demo'; readonly startsAt: Temporal.Instant; readonly endsAt: Temporal.Instant };

/** Where a lot came from; `reference` is the order line, agreement, transfer or conversion it can be traced to. */
export type LotSource = {
  readonly kind: 'order' | 'agreement' | 'asset-transfer' | 'conversion' | 'adjustment';
  readonly reference: string;
};

/** Paid ahead, or paid by what was used (managed service). */
export type Billing = 'prepaid' | 'usage';

/**
 * A quantity of one license delivered together. How many units there are, and where, is not part of the lot:
 * that is what holdings say. A lot never changes; moving units keeps their lot and so their original dates.
 */
export type Lot = {
  readonly lotId: string;
  readonly licenseId: string;
  readonly source: LotSource;
  readonly term: Term;
  readonly subscriptionId?: string | undefined;
  readonly billing: Billing;
};

/** What the term says about units nobody reserved or held: not yet usable, usable, or over. */
export type TermState = 'pending' | 'available' | 'expired';

/** The state a term gives at an instant. A term that ends at noon is over at noon. */
export function termStateAt(term: Term, at: Temporal.Instant): TermState {
  if (term.kind === 'perpetual') return 'available';
  if (Temporal.Instant.compare(at, term.endsAt) >= 0) return 'expired';
  return Temporal.Instant.compare(at, term.startsAt) < 0 ? 'pending' : 'available';
}

/** When the term ends, or null for a perpetual lot. */
export function termEndsAt(term: Term): Temporal.Instant | null {
  return term.kind === 'perpetual' ? null : term.endsAt;
}

/** When the term starts, or null for a perpetual lot. */
export function termStartsAt(term: Term): Temporal.Instant | null {
  return term.kind === 'perpetual' ? null : term.startsAt;
}

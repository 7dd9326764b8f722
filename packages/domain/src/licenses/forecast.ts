import { holdingsAsOf } from './as-of.ts';
import { compareIds } from './holding.ts';
import { type LedgerFacts, lotOf, lotsById, quantityByState } from './ledger.ts';
import { termEndsAt, termStartsAt } from './lot.ts';

/** Units whose term ends in a month. */
export type MonthOfEndings = {
  /** YYYY-MM, in UTC. */
  readonly month: string;
  readonly quantity: number;
  /** Which lots, by end and then by id; the units of all virtual accounts given, whatever state they are in. */
  readonly lots: readonly {
    readonly lotId: string;
    readonly endsAt: Temporal.Instant;
    readonly quantity: number;
  }[];
};

/** How far ahead the timeline looks unless asked otherwise. */
export const FORECAST_MONTHS = 24;

/**
 * What ends when: one row per calendar month (UTC) from the month of `from` on, also for months in which nothing
 * ends. Counts units that are pending, available, reserved or held; not those that ended at or before `from`. The
 * caller chooses the scope by the holdings it gives (a pool, a virtual account, a tree, an account).
 */
export function endingsByMonth(
  facts: LedgerFacts,
  from: Temporal.Instant,
  months: number = FORECAST_MONTHS,
): readonly MonthOfEndings[] {
  const lots = lotsById(facts.lots);
  const endings = new Map<string, { lotId: string; endsAt: Temporal.Instant; quantity: number }>();
  for (const { lotId, state, quantity } of facts.holdings) {
    const endsAt = termEndsAt(lotOf(lots, lotId).term);
    if (endsAt === null || state === 'expired' || quantity === 0) continue;
    if (Temporal.Instant.compare(endsAt, from) <= 0) continue;
    const before = endings.get(lotId)?.quantity ?? 0;
    endings.set(lotId, { lotId, endsAt, quantity: before + quantity });
  }
  const byMonth = Map.groupBy(endings.values(), ({ endsAt }) => monthOf(endsAt).toString());
  const first = monthOf(from);
  return Array.from({ length: months }, (_, index) => {
    const month = first.add({ months: index }).toString();
    const ending = (byMonth.get(month) ?? []).sort(
      (left, right) =>
        Temporal.Instant.compare(left.endsAt, right.endsAt) || compareIds(left.lotId, right.lotId),
    );
    return { month, quantity: ending.reduce((sum, lot) => sum + lot.quantity, 0), lots: ending };
  });
}

/**
 * The first instant from `from` on at which a pool no longer has what is in use now, if use stays as it is and nobody
 * does anything; null when that never happens. Looks at the pool's own units, not at substitution.
 *
 * @param facts the holdings of one pool.
 * @param inUse units in use now.
 */
export function runsOutAt(
  facts: LedgerFacts,
  inUse: number,
  from: Temporal.Instant,
): { readonly at: Temporal.Instant; readonly shortBy: number } | null {
  const turns = facts.lots
    .flatMap(({ term }) => [termStartsAt(term), termEndsAt(term)])
    .filter((turn) => turn !== null)
    .filter((turn) => Temporal.Instant.compare(turn, from) > 0)
    .sort(Temporal.Instant.compare);
  for (const at of [from, ...turns]) {
    const { available } = quantityByState(holdingsAsOf(facts, at));
    if (available < inUse) return { at, shortBy: inUse - available };
  }
  return null;
}

function monthOf(at: Temporal.Instant): Temporal.PlainYearMonth {
  return at.toZonedDateTimeISO('UTC').toPlainDate().toPlainYearMonth();
}

import type { ProductTerm } from '../catalog/product.ts';
import type { Term } from '../licenses/lot.ts';

/**
 * The term of the lots a line delivers. It starts at the instant of delivery (seed 003), or at midnight UTC of the
 * fixed first day if the order names one, in the past or the future. The end is not included in the term.
 *
 * Months are calendar months in UTC: the same day of the month and time of day, or the last day of the month where
 * there is no such day (31 January and 1 month is 28 or 29 February). Days are 24 hours. A perpetual product has no
 * term, whatever day is named.
 */
export function deliveryTerm(
  productTerm: ProductTerm,
  startDate: Temporal.PlainDate | null,
  deliveredAt: Temporal.Instant,
): Term {
  if (productTerm.kind === 'perpetual') return { kind: 'perpetual' };
  const start = startDate === null ? deliveredAt.toZonedDateTimeISO('UTC') : startDate.toZonedDateTime('UTC');
  const end =
    productTerm.kind === 'term'
      ? start.add({ months: productTerm.months })
      : start.add({ hours: 24 * productTerm.days });
  return { kind: productTerm.kind, startsAt: start.toInstant(), endsAt: end.toInstant() };
}

import { z } from 'zod';
import { day, id, oneOf, text, virtualAccountFilter, whole } from '../../search.ts';

/** What the address of the list of licenses holds. */
export const licensesSearch = z.object({
  ...virtualAccountFilter,
  by: oneOf(['pool', 'license']),
  search: text,
  /** `trouble` is short or ending within 90 days. */
  state: oneOf(['trouble', 'out-of-compliance', 'overage', 'in-compliance']),
  family: text,
  endingWithinDays: whole,
  asOf: day,
  sort: oneOf(['license', '-license', 'balance', '-balance', 'inUse', '-inUse', 'owned', '-owned']),
  /** The open panel: a tag, and the virtual account of the pool. */
  open: text,
  at: id,
});

export type LicensesSearch = z.infer<typeof licensesSearch>;

/** The end of the day in UTC: what counts on a date is what has happened by its end. */
export const endOfDay = (date: string): string => `${date}T23:59:59Z`;

/** The filters as the API takes them, for the list and for the report of exactly the same rows. */
export function inventoryFilters(search: LicensesSearch) {
  const { virtualAccountId, nested, by, state, family, endingWithinDays, asOf } = search;
  return {
    virtualAccountId,
    nested: nested ?? true,
    by: by ?? 'pool',
    search: search.search,
    family,
    endingWithinDays,
    ...(state === 'trouble' ? { trouble: true } : { state }),
    ...(asOf === undefined ? {} : { asOf: endOfDay(asOf) }),
  } as const;
}

/** What the address of one license holds. */
export const licenseSearch = z.object(virtualAccountFilter);

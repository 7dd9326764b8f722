import { accountRoles } from '@estover/domain/access';
import { z } from 'zod';
import { flag, oneOf, text, virtualAccountFilter, whole } from '../../search.ts';

const filters = {
  search: text,
  role: oneOf(accountRoles),
  partner: flag,
  endingWithinDays: whole,
  notSignedInForDays: whole,
  notKeptForDays: whole,
};

/** What the address of the access review holds. */
export const accessReviewSearch = z.object({
  ...filters,
  /** A list of roles is what is shown without it. */
  view: oneOf(['matrix']),
  /** What the rows of the matrix are; people without it. */
  by: oneOf(['virtual-accounts']),
  /** Which virtual accounts are rows. */
  ...virtualAccountFilter,
  /** The open panel of the matrix: the id of its row, and which cell. */
  open: text,
  cell: oneOf(accountRoles),
});

const narrowing = z.object(filters);

type Search = z.infer<typeof accessReviewSearch>;

/** What narrows the roles, in every view alike. */
export const reviewFilters = (search: Search) => narrowing.parse(search);

/** Which virtual accounts are rows, beside what narrows the roles. */
export const placeFilters = (search: Search) => ({
  ...reviewFilters(search),
  virtualAccountId: search.virtualAccountId,
  nested: search.nested,
});

export type ReviewView = 'list' | 'people' | 'virtual-accounts';

export const viewOf = ({ view, by }: Search): ReviewView => (view === undefined ? 'list' : (by ?? 'people'));

import { z } from 'zod';
import { day, oneOf, text, virtualAccountFilter, whole } from '../../search.ts';

/** What the address of the reports holds: which one, and the filters of all three. */
export const reportsSearch = z.object({
  ...virtualAccountFilter,
  report: oneOf(['licenses', 'license-subscriptions', 'product-instances']),
  by: oneOf(['pool', 'license']),
  search: text,
  state: oneOf(['in-compliance', 'overage', 'out-of-compliance']),
  endingWithinDays: whole,
  asOf: day,
  authorization: oneOf(['authorized', 'out-of-compliance', 'authorization-expired', 'no-licenses-in-use']),
  tag: text,
  silentForDays: whole,
});

export type ReportsSearch = z.infer<typeof reportsSearch>;

import { accountRoles } from '@estover/domain/access';
import { z } from 'zod';
import { flag, oneOf, text, whole } from '../../search.ts';

/** What the address of the access review holds. */
export const accessReviewSearch = z.object({
  search: text,
  role: oneOf(accountRoles),
  partner: flag,
  endingWithinDays: whole,
  notSignedInForDays: whole,
  notKeptForDays: whole,
});

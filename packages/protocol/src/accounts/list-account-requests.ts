import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, pageOf, pageQuery, searchText } from '../shapes.ts';
import { accountRequest, accountRequestState } from './request-shapes.ts';
import { reviewDays } from './update-review-settings.ts';

/**
 * Requests for accounts, those that wait for an operator first and then the newest. The search looks at companies,
 * identifiers and mail addresses. Closed ones are kept for 90 days.
 */
export const listAccountRequests = defineOperation({
  name: 'listAccountRequests',
  capability: 'accounts',
  summary: 'Requests for accounts',
  method: 'GET',
  path: '/api/v1/account-requests',
  permission: { at: 'platform', action: 'review-accounts' },
  query: z.strictObject({
    ...pageQuery,
    search: searchText.optional(),
    state: accountRequestState.optional(),
  }),
  answer: pageOf(accountRequest).extend({
    /** How many wait for an operator, whatever the filter. */
    underReview: amount,
    /** How many of those have taken longer than a review may. */
    overdue: amount,
    reviewDays,
  }),
  refusals: ['cursor-invalid'],
});

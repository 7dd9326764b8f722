import { longestReviewDays } from '@estover/domain/accounts';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';

/** Days a review may take. Longer ones are marked as overdue, in the queue and on the desk; nothing else happens to them. */
export const reviewDays = z.int().min(1).max(longestReviewDays);

/** Sets how long the review of a request for an account may take. */
export const updateReviewSettings = defineOperation({
  name: 'updateReviewSettings',
  capability: 'accounts',
  summary: 'Set how long the review of a request for an account may take',
  method: 'PATCH',
  path: '/api/v1/account-requests/settings',
  permission: { at: 'platform', action: 'review-accounts' },
  body: z.strictObject({ reviewDays }),
  answer: z.object({ reviewDays }),
});

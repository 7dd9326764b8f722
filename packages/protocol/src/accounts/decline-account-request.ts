import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';
import { accountRequest, requestParams } from './request-shapes.ts';

/** The operator declines a request that was confirmed; the requester gets the reason by mail. */
export const declineAccountRequest = defineOperation({
  name: 'declineAccountRequest',
  capability: 'accounts',
  summary: 'Decline a request for an account',
  method: 'POST',
  path: '/api/v1/account-requests/{requestId}/decline',
  permission: { at: 'platform', action: 'review-accounts' },
  params: requestParams,
  body: z.strictObject({ reason: text(500) }),
  answer: z.object({ request: accountRequest }),
  refusals: ['account-request-state'],
  status: 200,
});

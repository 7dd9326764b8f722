import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';
import { accountRequest, requestParams } from './request-shapes.ts';

/**
 * The operator agrees that the identifier may have its prefix, perhaps with a reason; the approver gets the mail with the
 * link, and the requester hears of it where that is somebody else.
 */
export const approveAccountRequest = defineOperation({
  name: 'approveAccountRequest',
  capability: 'accounts',
  summary: 'Approve a request for an account',
  method: 'POST',
  path: '/api/v1/account-requests/{requestId}/approve',
  permission: { at: 'platform', action: 'review-accounts' },
  params: requestParams,
  body: z.strictObject({ reason: text(500).optional() }),
  answer: z.object({ request: accountRequest }),
  refusals: [
    'account-request-state',
    'account-request-own',
    'domain-identifier-taken',
    'account-status',
    'upgrade-not-needed',
    'requester-not-administrator',
  ],
  status: 200,
});

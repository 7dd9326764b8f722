import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { linkedRequest, linkToken } from './request-shapes.ts';

/** The requester takes the request back, with the same link, while it is open. */
export const withdrawAccountRequest = defineOperation({
  name: 'withdrawAccountRequest',
  capability: 'accounts',
  summary: 'Withdraw a request for an account with the link from the mail',
  method: 'POST',
  path: '/api/v1/account-requests/withdraw',
  permission: { at: 'public' },
  body: z.strictObject({ token: linkToken }),
  answer: z.object({ request: linkedRequest }),
  refusals: ['link-invalid', 'account-request-state'],
  status: 200,
});

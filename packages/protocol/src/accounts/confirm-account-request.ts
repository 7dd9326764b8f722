import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { linkedRequest, linkToken } from './request-shapes.ts';

/**
 * The requester confirms their mail address. From here the request is declined where an account has its identifier,
 * reviewed where the identifier has a prefix, and sent to the approver otherwise.
 */
export const confirmAccountRequest = defineOperation({
  name: 'confirmAccountRequest',
  capability: 'accounts',
  summary: 'Confirm a request for an account with the link from the mail',
  method: 'POST',
  path: '/api/v1/account-requests/confirm',
  permission: { at: 'public' },
  body: z.strictObject({ token: linkToken }),
  answer: z.object({ request: linkedRequest }),
  refusals: ['link-invalid', 'account-request-state'],
  status: 200,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { linkedRequest, linkToken } from './request-shapes.ts';

/**
 * What whoever has the link from a mail sees of the request: the requester its state, the approver what they accept.
 * It changes nothing, and is a POST because a secret belongs into no address.
 */
export const openAccountRequest = defineOperation({
  name: 'openAccountRequest',
  capability: 'accounts',
  summary: 'See a request for an account with the link from the mail',
  method: 'POST',
  path: '/api/v1/account-requests/open',
  permission: { at: 'public' },
  body: z.strictObject({ token: linkToken }),
  answer: z.object({ request: linkedRequest }),
  refusals: ['link-invalid'],
  status: 200,
});

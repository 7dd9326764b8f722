import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';
import { accessRequest, accessRequestParams } from './access-request-shapes.ts';

/**
 * Declines a request for access; the person who asked gets the reason by mail.
 */
export const declineAccessRequest = defineOperation({
  name: 'declineAccessRequest',
  capability: 'access',
  summary: 'Decline a request for access',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/access-requests/{requestId}/decline',
  permission: { at: 'account', action: 'answer-access-requests' },
  params: accessRequestParams,
  body: z.strictObject({ reason: text(500) }),
  answer: z.object({ request: accessRequest }),
  refusals: ['access-request-state', 'own-access-request'],
  status: 200,
});

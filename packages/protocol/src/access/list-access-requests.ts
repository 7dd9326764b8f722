import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount, pageOf, pageQuery } from '../shapes.ts';
import { accessRequest, accessRequestState } from './access-request-shapes.ts';

/**
 * Requests for access that the caller may answer, those that wait first and then the newest. Requests for virtual
 * accounts are seen by those who may answer for them; those for the whole account, and for a path that no virtual account
 * has, by whoever may answer for all.
 */
export const listAccessRequests = defineOperation({
  name: 'listAccessRequests',
  capability: 'access',
  summary: 'Requests for access to an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/access-requests',
  permission: { at: 'account', action: 'answer-access-requests' },
  params: accountParams,
  query: z.strictObject({ ...pageQuery, state: accessRequestState.optional() }),
  answer: pageOf(accessRequest).extend({
    /** How many wait, whatever the filter. */
    waiting: amount,
  }),
  refusals: ['cursor-invalid'],
});

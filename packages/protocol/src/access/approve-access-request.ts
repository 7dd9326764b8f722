import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { instant, optionalText } from '../shapes.ts';
import { accessRequest, accessRequestParams } from './access-request-shapes.ts';
import { accountRole, grant, grantScope } from './shapes.ts';

/**
 * Gives what was asked for, or less: a lower role, a part of the place, an end. Nobody gives more than they hold, and
 * nobody answers a request of their own. The person who asked hears of it by mail.
 */
export const approveAccessRequest = defineOperation({
  name: 'approveAccessRequest',
  capability: 'access',
  summary: 'Approve a request for access',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/access-requests/{requestId}/approve',
  permission: { at: 'account', action: 'answer-access-requests' },
  params: accessRequestParams,
  body: z.strictObject({
    role: accountRole,
    scope: grantScope,
    until: instant.optional(),
    /** A word to the person who asked. */
    answer: optionalText(500).default(''),
  }),
  answer: z.object({ request: accessRequest, grant }),
  refusals: [
    'access-request-state',
    'grant-exceeds-own',
    'limited-use-people',
    'more-than-asked',
    'own-access-request',
    'scope-not-for-role',
    'step-up-required',
    'unknown-virtual-account',
  ],
  status: 200,
});

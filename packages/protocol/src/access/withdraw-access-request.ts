import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { ownAccessRequest } from './access-request-shapes.ts';

/**
 * Takes back a request of one's own that waits.
 */
export const withdrawAccessRequest = defineOperation({
  name: 'withdrawAccessRequest',
  capability: 'access',
  summary: 'Take back a request for access',
  method: 'POST',
  path: '/api/v1/access-requests/{requestId}/withdraw',
  permission: { at: 'signed-in' },
  params: z.object({ requestId: uuid }),
  answer: z.object({ request: ownAccessRequest }),
  refusals: ['person-required', 'access-request-state'],
  status: 200,
});

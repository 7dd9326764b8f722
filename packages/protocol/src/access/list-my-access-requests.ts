import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery } from '../shapes.ts';
import { ownAccessRequest } from './access-request-shapes.ts';

/**
 * What the caller asked for, the newest first. Closed requests are kept for 90 days.
 */
export const listMyAccessRequests = defineOperation({
  name: 'listMyAccessRequests',
  capability: 'access',
  summary: 'Own requests for access',
  method: 'GET',
  path: '/api/v1/access-requests',
  permission: { at: 'signed-in' },
  query: z.strictObject({ ...pageQuery }),
  answer: pageOf(ownAccessRequest),
  refusals: ['cursor-invalid', 'person-required'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';

/** Whether the person who asks has hidden the first steps: of an account, or without one those of the platform. */
export const getMyGuide = defineOperation({
  name: 'getMyGuide',
  capability: 'access',
  summary: 'Whether you have hidden the first steps',
  method: 'GET',
  path: '/api/v1/me/guide',
  permission: { at: 'signed-in' },
  query: z.strictObject({ accountId: uuid.optional() }),
  answer: z.object({ isHidden: z.boolean() }),
  refusals: ['person-required'],
});

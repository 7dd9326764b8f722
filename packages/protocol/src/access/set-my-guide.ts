import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';

/** Hides the first steps from the person who asks, wherever they sign in, or shows them again. */
export const setMyGuide = defineOperation({
  name: 'setMyGuide',
  capability: 'access',
  summary: 'Hide the first steps, or show them again',
  method: 'PATCH',
  path: '/api/v1/me/guide',
  permission: { at: 'signed-in' },
  body: z.strictObject({
    /** Null for the first steps of the platform. */
    accountId: uuid.nullable(),
    isHidden: z.boolean(),
  }),
  answer: z.object({ isHidden: z.boolean() }),
  refusals: ['person-required'],
});

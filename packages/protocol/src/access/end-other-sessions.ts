import { z } from 'zod';
import { defineOperation } from '../operation.ts';

/** Ends all sessions of the person who asks but the one they ask in. */
export const endOtherSessions = defineOperation({
  name: 'endOtherSessions',
  capability: 'access',
  summary: 'End all your other sessions',
  method: 'DELETE',
  path: '/api/v1/me/sessions',
  permission: { at: 'signed-in' },
  answer: z.object({ ended: z.int().min(0) }),
  refusals: ['person-required'],
});

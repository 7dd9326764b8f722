import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';

/** Ends one session of the person who asks, also the one they ask in. It is refused from the next request on. */
export const endSession = defineOperation({
  name: 'endSession',
  capability: 'access',
  summary: 'End one of your own sessions',
  method: 'DELETE',
  path: '/api/v1/me/sessions/{sessionId}',
  permission: { at: 'signed-in' },
  params: z.object({ sessionId: uuid }),
  answer: z.object({ sessionId: uuid }),
  refusals: ['person-required'],
});

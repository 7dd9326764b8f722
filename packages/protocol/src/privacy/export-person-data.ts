import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';
import { personData } from './shapes.ts';

/**
 * All that is stored about a person who asked for it by other ways than the console. It is written down that this was done,
 * and why. The answer is not kept for repeated requests.
 */
export const exportPersonData = defineOperation({
  name: 'exportPersonData',
  capability: 'privacy',
  summary: 'What is stored about a person',
  method: 'POST',
  path: '/api/v1/people/{personId}/data',
  permission: { at: 'platform', action: 'manage-privacy' },
  params: z.object({ personId: z.string().max(64) }),
  body: z.strictObject({ reason: text(500) }),
  answer: z.object({ data: personData }),
  refusals: ['step-up-required'],
  repeats: true,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';

/** Stops the end of one's second factors, with the link of the mail about it. */
export const cancelRecovery = defineOperation({
  name: 'cancelRecovery',
  capability: 'support',
  summary: 'Keep your second factors',
  method: 'POST',
  path: '/api/v1/recoveries/cancel',
  permission: { at: 'public' },
  body: z.strictObject({
    /** The secret, or the whole link as it was pasted. */
    token: z.string().max(300),
  }),
  answer: z.object({ email: z.string() }),
  status: 200,
  refusals: ['link-invalid'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';

/** Whether the installation still waits for its first operator. */
export const getSetup = defineOperation({
  name: 'getSetup',
  capability: 'access',
  summary: 'Whether the installation waits for its first operator',
  method: 'GET',
  path: '/api/v1/setup',
  permission: { at: 'public' },
  answer: z.object({
    needed: z.boolean(),
    version: z.string(),
    /** Whether there is a mail server. Without one, an operator hands out what mails say. */
    sendsMail: z.boolean(),
  }),
});

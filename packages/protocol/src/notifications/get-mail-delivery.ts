import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount } from '../shapes.ts';

/** Whether there is a mail server, and how many mails wait, are kept or have failed. */
export const getMailDelivery = defineOperation({
  name: 'getMailDelivery',
  capability: 'notifications',
  summary: 'Whether mails are sent, and how many are not',
  method: 'GET',
  path: '/api/v1/mail-delivery',
  permission: { at: 'platform', action: 'manage-mails' },
  answer: z.object({
    configured: z.boolean(),
    /** Who mails come from. */
    from: z.string().nullable(),
    waiting: amount,
    kept: amount,
    failed: amount,
  }),
});

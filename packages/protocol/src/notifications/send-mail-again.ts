import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { mail } from './shapes.ts';

/** Sends a mail that was kept or has failed, with all its attempts. A link in it may have expired meanwhile. */
export const sendMailAgain = defineOperation({
  name: 'sendMailAgain',
  capability: 'notifications',
  summary: 'Send a mail that was kept or has failed',
  method: 'POST',
  path: '/api/v1/mails/{mailId}/send',
  permission: { at: 'platform', action: 'manage-mails' },
  params: z.strictObject({ mailId: uuid }),
  answer: z.object({ mail }),
  refusals: ['mail-not-open', 'mail-not-configured'],
  status: 200,
});

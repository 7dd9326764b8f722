import { z } from 'zod';
import { defineOperation } from '../operation.ts';

/** Confirms an added address with the link from its mail. From here it hears of what changes. */
export const confirmNotificationAddress = defineOperation({
  name: 'confirmNotificationAddress',
  capability: 'notifications',
  summary: 'Confirm an added address with the link from its mail',
  method: 'POST',
  path: '/api/v1/notification-addresses/confirm',
  permission: { at: 'public' },
  body: z.strictObject({ token: z.string().max(500) }),
  answer: z.object({ email: z.string(), accountName: z.string() }),
  refusals: ['link-invalid'],
  status: 200,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { notificationHours } from './shapes.ts';

/**
 * Says where the person who asks is, as their browser knows it, so that digests come in their own morning. Only for whoever
 * has said nothing yet (`knowsTimeZone` of `getMe`): what was chosen stays.
 */
export const noteMyTimeZone = defineOperation({
  name: 'noteMyTimeZone',
  capability: 'notifications',
  summary: 'Note the time zone of your browser',
  method: 'POST',
  path: '/api/v1/me/time-zone',
  permission: { at: 'signed-in' },
  body: z.strictObject({ timeZone: z.string().max(64) }),
  answer: z.object({ hours: notificationHours }),
  refusals: ['person-required', 'time-zone-unknown', 'time-zone-known'],
  status: 200,
});

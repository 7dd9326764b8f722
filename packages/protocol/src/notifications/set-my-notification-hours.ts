import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { notificationHours } from './shapes.ts';

/** Changes when digests come to the person who asks, in all accounts. */
export const setMyNotificationHours = defineOperation({
  name: 'setMyNotificationHours',
  capability: 'notifications',
  summary: 'Change when your digests come',
  method: 'PATCH',
  path: '/api/v1/me/notification-hours',
  permission: { at: 'signed-in' },
  body: z.strictObject({ ...notificationHours.shape, timeZone: z.string().max(64).nullable() }),
  answer: z.object({ hours: notificationHours }),
  refusals: ['person-required', 'time-zone-unknown'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { notificationChoices, staffNotifications } from './shapes.ts';

/** Changes how often one of the publisher's staff hears of what waits on the platform. What waits already comes at the new cadence. */
export const setMyStaffNotifications = defineOperation({
  name: 'setMyStaffNotifications',
  capability: 'notifications',
  summary: 'Change your own notifications of the platform',
  method: 'PATCH',
  path: '/api/v1/me/staff-notifications',
  permission: { at: 'platform', action: 'view-accounts' },
  body: z.strictObject({ choices: notificationChoices }),
  answer: z.object({ notifications: staffNotifications }),
  refusals: ['person-required', 'notification-kind'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { myNotifications, notificationChoices } from './shapes.ts';

/** Changes how often the person who asks hears of kinds in one account. What waits already comes at the new cadence. */
export const setMyNotifications = defineOperation({
  name: 'setMyNotifications',
  capability: 'notifications',
  summary: 'Change your own notifications of an account',
  method: 'PATCH',
  path: '/api/v1/me/notifications/{accountId}',
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  body: z.strictObject({ choices: notificationChoices }),
  answer: z.object({ notifications: myNotifications }),
  refusals: ['person-required', 'notification-kind'],
});

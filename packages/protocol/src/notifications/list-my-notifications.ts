import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery, searchText, uuid } from '../shapes.ts';
import { myNotifications, notificationHours, staffNotifications } from './shapes.ts';

/**
 * What the person who asks hears of in each of their accounts, by the name of the account, on the platform, and when digests
 * come.
 */
export const listMyNotifications = defineOperation({
  name: 'listMyNotifications',
  capability: 'notifications',
  summary: 'Your own notification settings',
  method: 'GET',
  path: '/api/v1/me/notifications',
  permission: { at: 'signed-in' },
  query: z.strictObject({ ...pageQuery, search: searchText.optional(), accountId: uuid.optional() }),
  answer: pageOf(myNotifications).extend({
    hours: notificationHours,
    /** Null for whoever is not of the publisher's staff. */
    staff: staffNotifications.nullable(),
  }),
  refusals: ['person-required', 'cursor-invalid'],
});

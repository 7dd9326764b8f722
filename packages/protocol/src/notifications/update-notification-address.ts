import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { notificationAddress, notificationChoices } from './shapes.ts';

export const updateNotificationAddress = defineOperation({
  name: 'updateNotificationAddress',
  capability: 'notifications',
  summary: 'Change what an added address hears of',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}/notification-addresses/{addressId}',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: z.object({ accountId: uuid, addressId: uuid }),
  body: z.strictObject({ choices: notificationChoices }),
  answer: z.object({ address: notificationAddress }),
  refusals: ['notification-kind'],
});

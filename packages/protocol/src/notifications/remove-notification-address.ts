import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { notificationAddress } from './shapes.ts';

export const removeNotificationAddress = defineOperation({
  name: 'removeNotificationAddress',
  capability: 'notifications',
  summary: 'Remove an added address',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/notification-addresses/{addressId}',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: z.object({ accountId: uuid, addressId: uuid }),
  answer: z.object({ address: notificationAddress }),
});

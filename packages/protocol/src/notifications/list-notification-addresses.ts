import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { notificationAddress } from './shapes.ts';

/** Addresses that hear of the account beside its people, by address. */
export const listNotificationAddresses = defineOperation({
  name: 'listNotificationAddresses',
  capability: 'notifications',
  summary: 'Added addresses of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/notification-addresses',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  answer: z.object({ addresses: z.array(notificationAddress) }),
});

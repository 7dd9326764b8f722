import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, email } from '../shapes.ts';
import { notificationAddress, notificationChoices } from './shapes.ts';

/** Adds an address inside the account's mail domain. It gets a link, and nothing else before it has confirmed with it. */
export const addNotificationAddress = defineOperation({
  name: 'addNotificationAddress',
  capability: 'notifications',
  summary: 'Add an address that hears of an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/notification-addresses',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  body: z.strictObject({ email, choices: notificationChoices }),
  answer: z.object({ address: notificationAddress, mailed: z.boolean() }),
  refusals: ['address-outside', 'address-added', 'address-limit', 'notification-kind'],
});

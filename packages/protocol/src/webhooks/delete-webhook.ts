import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { webhookParams } from './shapes.ts';

/** Deletes a webhook with its deliveries; what still waits is not sent. */
export const deleteWebhook = defineOperation({
  name: 'deleteWebhook',
  capability: 'webhooks',
  summary: 'Delete a webhook',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/webhooks/{webhookId}',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: webhookParams,
  answer: z.object({ webhookId: uuid }),
});

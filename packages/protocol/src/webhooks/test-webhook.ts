import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { webhookDelivery, webhookParams } from './shapes.ts';

/** Sends a test (`webhook.test`), signed like an event, and says under which id: `getWebhookDelivery` tells what came of it. */
export const testWebhook = defineOperation({
  name: 'testWebhook',
  capability: 'webhooks',
  summary: 'Send a test to a webhook',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/webhooks/{webhookId}/test',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: webhookParams,
  answer: z.object({ delivery: webhookDelivery }),
  refusals: ['webhook-off'],
});

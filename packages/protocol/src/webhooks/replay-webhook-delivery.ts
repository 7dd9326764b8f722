import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { webhookDelivery, webhookDeliveryParams } from './shapes.ts';

/** Sends a delivery again, whatever became of it, under the same id. */
export const replayWebhookDelivery = defineOperation({
  name: 'replayWebhookDelivery',
  capability: 'webhooks',
  summary: 'Send a delivery again',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/webhooks/{webhookId}/deliveries/{messageId}/replay',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: webhookDeliveryParams,
  answer: z.object({ delivery: webhookDelivery }),
  refusals: ['webhook-off'],
  status: 200,
});

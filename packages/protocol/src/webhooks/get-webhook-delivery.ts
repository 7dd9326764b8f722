import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { webhookDelivery, webhookDeliveryParams, webhookTry } from './shapes.ts';

/** One delivery with what is sent and each try's answer. */
export const getWebhookDelivery = defineOperation({
  name: 'getWebhookDelivery',
  capability: 'webhooks',
  summary: 'A delivery of a webhook, with its tries',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/webhooks/{webhookId}/deliveries/{messageId}',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: webhookDeliveryParams,
  answer: z.object({
    delivery: webhookDelivery,
    /** The body of the request. */
    body: z.string(),
    /** The newest first. */
    tries: z.array(webhookTry),
  }),
});

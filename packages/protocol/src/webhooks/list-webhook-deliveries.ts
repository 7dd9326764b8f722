import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery } from '../shapes.ts';
import { webhookDelivery, webhookDeliveryState, webhookParams } from './shapes.ts';

/** What was and will be sent to a webhook, the newest first. Kept for 30 days. */
export const listWebhookDeliveries = defineOperation({
  name: 'listWebhookDeliveries',
  capability: 'webhooks',
  summary: 'Deliveries of a webhook',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/webhooks/{webhookId}/deliveries',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: webhookParams,
  query: z.strictObject({ ...pageQuery, state: webhookDeliveryState.optional() }),
  answer: pageOf(webhookDelivery),
  refusals: ['cursor-invalid'],
});

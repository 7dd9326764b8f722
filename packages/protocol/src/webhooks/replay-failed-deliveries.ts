import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, instant } from '../shapes.ts';
import { webhookParams } from './shapes.ts';

/** Sends everything again that failed of what happened since an instant, at most what is kept of the last 30 days. */
export const replayFailedDeliveries = defineOperation({
  name: 'replayFailedDeliveries',
  capability: 'webhooks',
  summary: 'Send failed deliveries again',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/webhooks/{webhookId}/replay-failed',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: webhookParams,
  body: z.strictObject({ since: instant }),
  answer: z.object({
    /** Deliveries that are sent again. */
    replayed: amount,
  }),
  refusals: ['webhook-off', 'nothing-to-do'],
  status: 200,
});

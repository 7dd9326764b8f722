import { maximumOverlapHours } from '@estover/domain/webhooks';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { webhook, webhookParams, webhookSecret } from './shapes.ts';

/**
 * Makes a new secret or key. For so many hours the one before signs as well (two signatures in `webhook-signature`), so that
 * receivers change over without a gap; one that was before that ends now.
 */
export const rotateWebhookSecret = defineOperation({
  name: 'rotateWebhookSecret',
  capability: 'webhooks',
  summary: 'Give a webhook a new secret or key',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/webhooks/{webhookId}/rotate',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: webhookParams,
  body: z.strictObject({ overlapHours: z.int().min(0).max(maximumOverlapHours).default(24) }),
  answer: z.object({ webhook, secret: webhookSecret }),
  refusals: ['step-up-required'],
  status: 200,
  secretAnswer: true,
});

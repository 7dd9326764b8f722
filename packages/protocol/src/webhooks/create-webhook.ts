import { z } from 'zod';
import { grantScope } from '../access/shapes.ts';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import {
  webhook,
  webhookDescription,
  webhookEvents,
  webhookSecret,
  webhookSigning,
  webhookUrl,
} from './shapes.ts';

/**
 * Makes a webhook: from now on events of the account are sent to its address, signed as Standard Webhooks 1.0.0 says. A
 * secret is in the answer, once. It sees the events of its scope alone, and ends with the rights of whoever made it.
 */
export const createWebhook = defineOperation({
  name: 'createWebhook',
  capability: 'webhooks',
  summary: 'Make a webhook of an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/webhooks',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  body: z.strictObject({
    description: webhookDescription,
    url: webhookUrl,
    scope: grantScope.default({ kind: 'account' }),
    events: webhookEvents.default({ operations: [], objectKinds: [] }),
    signing: webhookSigning.default('ed25519'),
  }),
  answer: z.object({ webhook, secret: webhookSecret }),
  refusals: ['webhook-url', 'webhook-limit', 'unknown-virtual-account', 'step-up-required'],
  secretAnswer: true,
});

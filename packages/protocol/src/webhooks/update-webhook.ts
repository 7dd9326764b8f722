import { z } from 'zod';
import { grantScope } from '../access/shapes.ts';
import { defineOperation } from '../operation.ts';
import {
  webhook,
  webhookDescription,
  webhookEvents,
  webhookParams,
  webhookSecret,
  webhookUrl,
} from './shapes.ts';

/**
 * Changes a webhook; what is not named stays. Another host needs a secret of its own (`newSecret`), because the server
 * before knows the old one; a key stays, because nobody else has it. Whoever changes the address or scope, or switches it
 * on, answers for it from then on.
 */
export const updateWebhook = defineOperation({
  name: 'updateWebhook',
  capability: 'webhooks',
  summary: 'Change a webhook, switch it on or off',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}/webhooks/{webhookId}',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: webhookParams,
  body: z.strictObject({
    description: webhookDescription.optional(),
    url: webhookUrl.optional(),
    /** With another host: makes a new secret, shown once; the one before signs nothing any more. */
    newSecret: z.boolean().default(false),
    scope: grantScope.optional(),
    events: webhookEvents.optional(),
    state: z.enum(['on', 'off']).optional(),
    /** When it is switched on: whether what happened meanwhile, of the last 30 days at most, is sent. */
    missed: z.enum(['send', 'skip']).default('send'),
  }),
  answer: z.object({ webhook, secret: webhookSecret }),
  refusals: [
    'webhook-url',
    'webhook-host-changed',
    'unknown-virtual-account',
    'step-up-required',
    'nothing-to-do',
  ],
  secretAnswer: true,
});

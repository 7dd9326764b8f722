import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { webhook } from './shapes.ts';

/** The webhooks of an account, the newest first. Not paged: there are at most 20. */
export const listWebhooks = defineOperation({
  name: 'listWebhooks',
  capability: 'webhooks',
  summary: 'Webhooks of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/webhooks',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  answer: z.object({ items: z.array(webhook) }),
});

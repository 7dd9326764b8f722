import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, text } from '../shapes.ts';
import { accountRole, apiKey, grantScope } from './shapes.ts';

/** Makes an API key with a role and scope like a person's. The secret is in the answer, once. */
export const createApiKey = defineOperation({
  name: 'createApiKey',
  capability: 'access',
  summary: 'Make an API key of an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/api-keys',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  body: z.strictObject({
    name: text(120),
    role: accountRole,
    scope: grantScope,
    expiresInDays: z.int().min(1).max(730).optional(),
  }),
  answer: z.object({ apiKey, secret: z.string() }),
  refusals: ['grant-exceeds-own', 'scope-not-for-role', 'step-up-required', 'unknown-virtual-account'],
  secretAnswer: true,
});

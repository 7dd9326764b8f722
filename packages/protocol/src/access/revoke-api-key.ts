import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { apiKey } from './shapes.ts';

export const revokeApiKey = defineOperation({
  name: 'revokeApiKey',
  capability: 'access',
  summary: 'Revoke an API key of an account',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/api-keys/{apiKeyId}',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, apiKeyId: uuid }),
  answer: z.object({ apiKey }),
  refusals: ['grant-exceeds-own'],
});

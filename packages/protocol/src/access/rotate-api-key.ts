import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { apiKey } from './shapes.ts';

/**
 * Gives an API key a new secret, shown once. The one before works on for so many hours, so that programs change over
 * without an outage; one that was before that ends now.
 */
export const rotateApiKey = defineOperation({
  name: 'rotateApiKey',
  capability: 'access',
  summary: 'Give an API key a new secret',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/api-keys/{apiKeyId}/rotate',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, apiKeyId: uuid }),
  body: z.strictObject({ overlapHours: z.int().min(0).max(168).default(24) }),
  answer: z.object({ apiKey, secret: z.string() }),
  refusals: ['grant-exceeds-own', 'api-key-ended', 'step-up-required'],
  status: 200,
  secretAnswer: true,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { apiKeysRevoked } from './shapes.ts';

/**
 * Takes a role away; its holder's sessions lose it at once. API keys they made, whose secrets they know, are revoked with
 * it where what they have left does not allow to make them.
 */
export const revokeGrant = defineOperation({
  name: 'revokeGrant',
  capability: 'access',
  summary: 'Take a role away',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/grants/{grantId}',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, grantId: uuid }),
  answer: z.object({
    grantId: uuid,
    apiKeysRevoked,
  }),
  refusals: ['break-glass-needed', 'last-administrator', 'grant-exceeds-own'],
});

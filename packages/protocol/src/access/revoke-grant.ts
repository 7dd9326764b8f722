import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';

/** Takes a role away; its holder's sessions and keys lose it at once. */
export const revokeGrant = defineOperation({
  name: 'revokeGrant',
  capability: 'access',
  summary: 'Take a role away',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/grants/{grantId}',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, grantId: uuid }),
  answer: z.object({ grantId: uuid }),
  refusals: ['last-administrator', 'grant-exceeds-own'],
});

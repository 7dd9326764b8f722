import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { apiKeysRevoked } from './shapes.ts';

/** Deletes a group; everybody in it loses at once what it gave, and API keys they could not make any more are revoked. */
export const deleteGroup = defineOperation({
  name: 'deleteGroup',
  capability: 'access',
  summary: 'Delete a group',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/groups/{groupId}',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, groupId: uuid }),
  answer: z.object({ groupId: uuid, apiKeysRevoked }),
  refusals: ['break-glass-needed', 'grant-exceeds-own', 'last-administrator'],
});

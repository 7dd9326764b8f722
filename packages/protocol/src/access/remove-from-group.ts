import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { filterText, uuid } from '../shapes.ts';
import { apiKeysRevoked } from './shapes.ts';

/** Takes a person out of a group; they lose at once what it gave, as with `revokeGrant`. */
export const removeFromGroup = defineOperation({
  name: 'removeFromGroup',
  capability: 'access',
  summary: 'Take a person out of a group',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/groups/{groupId}/people/{personId}',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, groupId: uuid, personId: filterText(64).min(1) }),
  answer: z.object({ groupId: uuid, personId: z.string(), apiKeysRevoked }),
  refusals: ['break-glass-needed', 'grant-exceeds-own', 'last-administrator'],
});

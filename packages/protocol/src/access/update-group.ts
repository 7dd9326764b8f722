import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { instant, uuid } from '../shapes.ts';
import { accountRole, apiKeysRevoked, grantScope, group, groupName, told } from './shapes.ts';

/**
 * Changes a group's name, or what it gives to everybody in it: that is granting it. `until` of null takes the end away.
 * `provisioned` lets the account's identity provider say who is in it, which is granting it as well.
 * API keys that people in it made and could not make any more are revoked. Whoever was invited and has not come yet gets
 * a new invitation, because whoever has the link of the old one would get what the group gives now.
 */
export const updateGroup = defineOperation({
  name: 'updateGroup',
  capability: 'access',
  summary: 'Change a group’s name, role, scope or end, or whether it is provisioned',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}/groups/{groupId}',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, groupId: uuid }),
  body: z.strictObject({
    name: groupName.optional(),
    role: accountRole.optional(),
    scope: grantScope.optional(),
    until: instant.nullable().optional(),
    provisioned: z.boolean().optional(),
  }),
  answer: z.object({
    group,
    apiKeysRevoked,
    invitedAgain: z.array(z.object({ personId: z.string(), email: z.string(), ...told })),
  }),
  refusals: [
    'break-glass-needed',
    'grant-exceeds-own',
    'last-administrator',
    'name-taken',
    'nothing-to-do',
    'scope-not-for-role',
    'step-up-required',
    'unknown-virtual-account',
  ],
  secretAnswer: true,
});

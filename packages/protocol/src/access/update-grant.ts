import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { instant, text, uuid } from '../shapes.ts';
import { apiKeysRevoked, grant, grantScope, told } from './shapes.ts';

/**
 * Changes when a role of a person ends and where it reaches: that is giving it as it is afterwards, and whoever does it could
 * give it so. `until` of null takes the end away. What is left out stays. `soldBy` limits the person to the lots of a seller, or
 * with null lifts the limit (`limitToSeller`), where this is their only role. API keys they made and could not make any more are
 * revoked. They hear of it by mail; who has not come yet is invited again, because the link of before was for the role of before.
 */
export const updateGrant = defineOperation({
  name: 'updateGrant',
  capability: 'access',
  summary: 'Change the end, the scope or the seller’s limit of a role',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}/grants/{grantId}',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, grantId: uuid }),
  body: z.strictObject({
    scope: grantScope.optional(),
    until: instant.nullable().optional(),
    soldBy: text(200).nullable().optional(),
  }),
  answer: z.object({
    personId: z.string(),
    grant,
    /** The seller whose lots are all that the person sees; null without a limit. */
    soldBy: z.string().nullable(),
    apiKeysRevoked,
    ...told,
  }),
  refusals: [
    'break-glass-needed',
    'grant-exceeds-own',
    'last-administrator',
    'not-a-partner',
    'nothing-to-do',
    'person-deactivated',
    'scope-not-for-role',
    'seller-limit-differs',
    'step-up-required',
    'unknown-virtual-account',
  ],
  secretAnswer: true,
});

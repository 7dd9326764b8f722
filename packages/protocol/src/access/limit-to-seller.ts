import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { filterText, text, uuid } from '../shapes.ts';
import { apiKeysRevoked } from './shapes.ts';

/**
 * Limits a partner to the lots that one seller sold, in all their roles in the account: the seller is the buyer of the
 * lots' orders, by name without regard to case. They see these lots and their orders from then on, in every list and
 * sum, and change nothing; API keys they made are revoked. `null` lifts the limit, which takes whoever could give all of
 * their roles.
 */
export const limitToSeller = defineOperation({
  name: 'limitToSeller',
  capability: 'access',
  summary: 'Limit a partner to the lots of a seller',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/people/{personId}/seller-limit',
  permission: { at: 'account', action: 'manage-people' },
  params: z.object({ accountId: uuid, personId: filterText(64).min(1) }),
  body: z.strictObject({ soldBy: text(200).nullable() }),
  answer: z.object({ personId: z.string(), soldBy: z.string().nullable(), apiKeysRevoked }),
  refusals: ['grant-exceeds-own', 'last-administrator', 'not-a-partner', 'nothing-to-do', 'step-up-required'],
  status: 200,
});

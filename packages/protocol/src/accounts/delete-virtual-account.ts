import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, uuid } from '../shapes.ts';

/**
 * Deletes a virtual account. If it holds licenses, product instances, tokens or children, `contentsTo` names the
 * virtual account that takes them, in the same step; tokens are revoked.
 */
export const deleteVirtualAccount = defineOperation({
  name: 'deleteVirtualAccount',
  capability: 'accounts',
  summary: 'Delete a virtual account',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/virtual-accounts/{virtualAccountId}',
  permission: { at: 'account', action: 'manage-virtual-account' },
  params: z.object({ accountId: uuid, virtualAccountId: uuid }),
  query: z.strictObject({ contentsTo: uuid.optional() }),
  answer: z.object({
    virtualAccountId: uuid,
    moved: z.object({
      licenses: amount,
      productInstances: amount,
      children: amount,
      tokensRevoked: amount,
      /** Delivery rules that lead to the other virtual account from now on. */
      deliveryRules: amount,
      /** Delivery rules that go, because there is no virtual account to lead to. */
      deliveryRulesRemoved: amount,
    }),
  }),
  refusals: [
    'virtual-account-not-empty',
    'default-virtual-account',
    'nested-in-itself',
    'unknown-virtual-account',
    'name-taken',
    'nested-too-deep',
  ],
  dryRun: true,
});

import { z } from 'zod';
import { apiKeysRevoked } from '../access/shapes.ts';
import { defineOperation } from '../operation.ts';
import { amount, uuid } from '../shapes.ts';
import { accessChange } from './shapes.ts';

/** Who gains and who loses roles, by their own grants or by groups. */
const accessOf = z.object({ gain: z.array(accessChange), lose: z.array(accessChange) });

/**
 * Deletes a virtual account. What it holds goes elsewhere in the same step: `contentsTo` names the virtual account that
 * takes it, and tokens are revoked; the other members say it for one kind of contents alone. Order lines that are not
 * delivered and delivery rules go with the licenses. API keys whose makers do not reach the children where they go are
 * revoked. A dry run tells what goes where and who gains and loses access.
 */
export const deleteVirtualAccount = defineOperation({
  name: 'deleteVirtualAccount',
  capability: 'accounts',
  summary: 'Delete a virtual account',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/virtual-accounts/{virtualAccountId}',
  permission: { at: 'account', action: 'manage-virtual-account' },
  params: z.object({ accountId: uuid, virtualAccountId: uuid }),
  query: z.strictObject({
    contentsTo: uuid.optional(),
    licensesTo: uuid.optional(),
    productInstancesTo: uuid.optional(),
    /** A virtual account into which its tokens register from then on, or `revoked`. */
    tokensTo: z.union([uuid, z.literal('revoked')]).optional(),
    /** A virtual account, or `top` for no parent. */
    childrenTo: z.union([uuid, z.literal('top')]).optional(),
  }),
  answer: z.object({
    virtualAccountId: uuid,
    moved: z.object({
      licenses: amount,
      productInstances: amount,
      children: amount,
      /** Registration tokens that register into another virtual account from now on. */
      tokens: amount,
      tokensRevoked: amount,
      /** Delivery rules that lead to the other virtual account from now on. */
      deliveryRules: amount,
      /** Delivery rules that go, because there is no virtual account to lead to. */
      deliveryRulesRemoved: amount,
    }),
    access: z.object({
      /** In the virtual accounts that take what it held, compared with who had access to it here. */
      contents: accessOf,
      /** In what was nested in it. */
      children: accessOf,
    }),
    apiKeysRevoked,
  }),
  refusals: [
    'agreement-overdue',
    'virtual-account-not-empty',
    'default-virtual-account',
    'nested-in-itself',
    'unknown-virtual-account',
    'name-taken',
    'nested-too-deep',
  ],
  dryRun: true,
});

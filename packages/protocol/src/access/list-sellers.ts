import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount } from '../shapes.ts';

/** Who bought for the account: the buyers of its orders, with how many lots came by them; 500 at most. */
export const listSellers = defineOperation({
  name: 'listSellers',
  capability: 'access',
  summary: 'Sellers that a partner can be limited to',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/sellers',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  answer: z.object({ items: z.array(z.object({ seller: z.string(), lots: amount })) }),
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, flag } from '../shapes.ts';
import { virtualAccount, virtualAccountWithRollUp } from './shapes.ts';

/**
 * The tree the caller may see, in depth-first order by name, with sums alone and with everything nested
 * (`rollUp=true`). Not paged: a tree is only of use whole, and holds thousands, not millions.
 */
export const listVirtualAccounts = defineOperation({
  name: 'listVirtualAccounts',
  capability: 'accounts',
  summary: 'The tree of virtual accounts',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/virtual-accounts',
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  query: z.strictObject({ rollUp: flag.default(false) }),
  answer: z.object({
    items: z.array(
      virtualAccount.extend(virtualAccountWithRollUp.pick({ own: true, nested: true }).partial().shape),
    ),
  }),
});

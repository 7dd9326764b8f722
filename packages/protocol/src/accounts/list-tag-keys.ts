import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { tagKey } from './shapes.ts';

/**
 * The tag keys of an account with the values they allow, by name. Everybody with a role in the account may read them;
 * each value says how many of the virtual accounts that the caller may see carry it. Not paged: there are at most 20.
 */
export const listTagKeys = defineOperation({
  name: 'listTagKeys',
  capability: 'accounts',
  summary: 'Tags that virtual accounts may carry',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/tag-keys',
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  answer: z.object({ items: z.array(tagKey) }),
  cutsToLots: true,
});

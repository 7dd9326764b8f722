import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, uuid } from '../shapes.ts';
import { account } from './shapes.ts';

export const getAccount = defineOperation({
  name: 'getAccount',
  capability: 'accounts',
  summary: 'One account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}',
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  answer: z.object({
    account,
    /** The account that has what was in this one; null unless it was merged. */
    mergedInto: z.object({ accountId: uuid, name: z.string(), domainIdentifier: z.string() }).nullable(),
    /**
     * Who created the account: the approver who accepted it, or whom an operator named. One for each account, never edited;
     * a pseudonym once they were removed. Null for a caller who sees no people.
     */
    creator: z.object({ personId: z.string(), name: z.string() }).nullable(),
  }),
  cutsToLots: true,
});

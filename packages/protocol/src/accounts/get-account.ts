import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { account } from './shapes.ts';

export const getAccount = defineOperation({
  name: 'getAccount',
  capability: 'accounts',
  summary: 'One account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}',
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  answer: z.object({ account }),
  cutsToLots: true,
});

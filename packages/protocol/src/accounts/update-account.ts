import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, text } from '../shapes.ts';
import { account, sequencePolicy } from './shapes.ts';

export const updateAccount = defineOperation({
  name: 'updateAccount',
  capability: 'accounts',
  summary: 'Change an account’s name or its policy for sequence numbers that go back',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}',
  permission: { at: 'account', action: 'edit-account' },
  params: accountParams,
  body: z.strictObject({ name: text(120).optional(), sequencePolicy: sequencePolicy.optional() }),
  answer: z.object({ account }),
  refusals: ['nothing-to-do'],
});

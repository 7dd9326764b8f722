import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount } from '../shapes.ts';
import { supportRule } from './shapes.ts';

/** Says whether support may open the account. Forbidding it ends what is open and what was asked for. */
export const updateSupportRule = defineOperation({
  name: 'updateSupportRule',
  capability: 'support',
  summary: 'Say whether support may open the account',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}/support-rule',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  body: z.strictObject({ rule: supportRule }),
  answer: z.object({
    rule: supportRule,
    /** How many accesses ended with it, and how many questions. */
    ended: amount,
  }),
  refusals: ['step-up-required'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount, text } from '../shapes.ts';
import { account } from './shapes.ts';

/**
 * Suspends an account: its people and API keys read it and change nothing, its product instances get no registration and
 * no authorization, and orders wait. Its administrators get the reason by mail.
 */
export const suspendAccount = defineOperation({
  name: 'suspendAccount',
  capability: 'accounts',
  summary: 'Suspend an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/suspend',
  permission: { at: 'platform', action: 'manage-accounts' },
  params: accountParams,
  body: z.strictObject({ reason: text(500) }),
  answer: z.object({ account }),
  refusals: ['account-status', 'step-up-required'],
  status: 200,
});

/** Makes a suspended account active again; order lines that have shipped meanwhile are delivered in the same step. */
export const reactivateAccount = defineOperation({
  name: 'reactivateAccount',
  capability: 'accounts',
  summary: 'Reactivate a suspended account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/reactivate',
  permission: { at: 'platform', action: 'manage-accounts' },
  params: accountParams,
  answer: z.object({
    account,
    /** Order lines that waited and were delivered. */
    deliveredLines: amount,
  }),
  refusals: ['account-status'],
  status: 200,
});

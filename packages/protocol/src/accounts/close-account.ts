import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, text } from '../shapes.ts';
import { account } from './shapes.ts';

/** One contract for both who may close an account. */
const closing = {
  capability: 'accounts',
  method: 'POST',
  params: accountParams,
  body: z.strictObject({ reason: text(500) }),
  answer: z.object({ account }),
  refusals: ['account-status', 'account-not-empty', 'step-up-required'],
  dryRun: true,
  status: 200,
} as const;

/**
 * Closes an account that holds nothing any more, for good: it stays to be read, and its identifier stays taken. What is in
 * the way is counted in `contents` of the refusal `account-not-empty`; a dry run tells it as well.
 */
export const closeAccount = defineOperation({
  ...closing,
  name: 'closeAccount',
  summary: 'Close an account',
  path: '/api/v1/accounts/{accountId}/close',
  permission: { at: 'account', action: 'manage-account-settings' },
});

/** The same by the operator of the platform. */
export const closeAccountAsOperator = defineOperation({
  ...closing,
  name: 'closeAccountAsOperator',
  summary: 'Close an account, as the operator',
  path: '/api/v1/accounts/{accountId}/close-as-operator',
  permission: { at: 'platform', action: 'manage-accounts' },
});

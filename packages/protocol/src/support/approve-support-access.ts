import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { supportAccess, supportAccessParams } from './shapes.ts';

/** Lets support in, for as long as was asked, from now on. Nobody approves their own request. */
export const approveSupportAccess = defineOperation({
  name: 'approveSupportAccess',
  capability: 'support',
  summary: 'Approve a support access',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/support-accesses/{accessId}/approve',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: supportAccessParams,
  answer: z.object({ access: supportAccess }),
  status: 200,
  refusals: ['person-required', 'step-up-required', 'support-access-state', 'own-request'],
});

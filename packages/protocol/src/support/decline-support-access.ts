import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { supportAccess, supportAccessParams } from './shapes.ts';

/** Does not let support in. */
export const declineSupportAccess = defineOperation({
  name: 'declineSupportAccess',
  capability: 'support',
  summary: 'Decline a support access',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/support-accesses/{accessId}/decline',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: supportAccessParams,
  answer: z.object({ access: supportAccess }),
  status: 200,
  refusals: ['support-access-state'],
});

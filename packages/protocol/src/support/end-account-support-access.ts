import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { supportAccess, supportAccessParams } from './shapes.ts';

/** Ends a support access at once: the next request of the publisher's staff is refused, on every server. */
export const endAccountSupportAccess = defineOperation({
  name: 'endAccountSupportAccess',
  capability: 'support',
  summary: 'End a support access to the account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/support-accesses/{accessId}/end',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: supportAccessParams,
  answer: z.object({ access: supportAccess }),
  status: 200,
  refusals: ['support-access-state'],
});

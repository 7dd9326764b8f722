import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { supportAccess } from './shapes.ts';

/** Ends a support access of one's own, or takes the question back. An operator does so for others as well. */
export const endSupportAccess = defineOperation({
  name: 'endSupportAccess',
  capability: 'support',
  summary: 'End a support access',
  method: 'POST',
  path: '/api/v1/support-accesses/{accessId}/end',
  permission: { at: 'platform', action: 'open-support-access' },
  params: z.object({ accessId: uuid }),
  answer: z.object({ access: supportAccess }),
  status: 200,
  refusals: ['support-access-state'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { recovery } from './shapes.ts';

/** Ends a recovery that waits: another operator declines it, or whoever asked takes it back. */
export const declineRecovery = defineOperation({
  name: 'declineRecovery',
  capability: 'support',
  summary: 'Decline a recovery',
  method: 'POST',
  path: '/api/v1/recoveries/{recoveryId}/decline',
  permission: { at: 'platform', action: 'recover-access' },
  params: z.object({ recoveryId: uuid }),
  answer: z.object({ recovery }),
  status: 200,
  refusals: ['recovery-state'],
});

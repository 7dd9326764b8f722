import { z } from 'zod';
import { told } from '../access/shapes.ts';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { recovery } from './shapes.ts';

/**
 * The second operator's word. An administrator gets their role and mail at once; second factors end after a day, in which the
 * person may stop it with the link in their mail.
 */
export const approveRecovery = defineOperation({
  name: 'approveRecovery',
  capability: 'support',
  summary: 'Approve a recovery',
  method: 'POST',
  path: '/api/v1/recoveries/{recoveryId}/approve',
  permission: { at: 'platform', action: 'recover-access' },
  params: z.object({ recoveryId: uuid }),
  answer: z.object({ recovery, ...told }),
  status: 200,
  refusals: [
    'person-required',
    'step-up-required',
    'recovery-state',
    'recovery-asker-gone',
    'recovery-not-needed',
    'own-request',
    'too-many-requests',
    'limited-use-people',
    'person-deactivated',
  ],
  secretAnswer: true,
});

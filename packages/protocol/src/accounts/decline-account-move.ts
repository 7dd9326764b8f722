import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';
import { accountMove, moveParams } from './move-shapes.ts';

/** An administrator of the other side declines; those who proposed it hear of it by mail. */
export const declineAccountMove = defineOperation({
  name: 'declineAccountMove',
  capability: 'accounts',
  summary: 'Decline a proposed merge or split',
  method: 'POST',
  path: '/api/v1/account-moves/{moveId}/decline',
  permission: { at: 'signed-in' },
  params: moveParams,
  body: z.strictObject({ reason: text(500) }),
  answer: z.object({ move: accountMove }),
  refusals: ['account-move-state', 'person-required'],
  status: 200,
});

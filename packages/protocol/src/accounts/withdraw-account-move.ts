import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';
import { accountMove, moveParams } from './move-shapes.ts';

/** An administrator of the side that proposed it takes it back. */
export const withdrawAccountMove = defineOperation({
  name: 'withdrawAccountMove',
  capability: 'accounts',
  summary: 'Take a proposed merge or split back',
  method: 'POST',
  path: '/api/v1/account-moves/{moveId}/withdraw',
  permission: { at: 'signed-in' },
  params: moveParams,
  body: z.strictObject({ reason: text(500) }),
  answer: z.object({ move: accountMove }),
  refusals: ['account-move-state', 'person-required'],
  status: 200,
});

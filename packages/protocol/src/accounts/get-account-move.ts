import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountMove, moveParams, movePreview } from './move-shapes.ts';

/** One merge or split; with what it would do while it waits for consent. */
export const getAccountMove = defineOperation({
  name: 'getAccountMove',
  capability: 'accounts',
  summary: 'One merge or split',
  method: 'GET',
  path: '/api/v1/account-moves/{moveId}',
  permission: { at: 'signed-in' },
  params: moveParams,
  answer: z.object({ move: accountMove, preview: movePreview.nullable() }),
  refusals: ['person-required'],
});

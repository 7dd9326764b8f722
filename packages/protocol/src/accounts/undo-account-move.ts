import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, text } from '../shapes.ts';
import { accountMove, inTheWay, moveParams } from './move-shapes.ts';

/**
 * An administrator of either side takes a merge or split back within 7 days; both accounts are as they were, with what
 * happened since. A dry run tells what stands in the way.
 */
export const undoAccountMove = defineOperation({
  name: 'undoAccountMove',
  capability: 'accounts',
  summary: 'Undo a merge or split',
  method: 'POST',
  path: '/api/v1/account-moves/{moveId}/undo',
  permission: { at: 'signed-in' },
  params: moveParams,
  body: z.strictObject({ reason: text(500) }),
  answer: z.object({
    move: accountMove,
    /** What goes back. */
    virtualAccounts: amount,
    licenses: amount,
    productInstances: amount,
    inTheWay: z.array(inTheWay),
  }),
  refusals: [
    'account-move-state',
    'account-move-undo-over',
    'account-move-blocked',
    'person-required',
    'step-up-required',
  ],
  dryRun: true,
  status: 200,
});

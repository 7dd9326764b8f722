import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { transferResult } from './shapes.ts';

/** Undoes a transfer within 7 days by a new, opposite movement. */
export const undoTransfer = defineOperation({
  name: 'undoTransfer',
  capability: 'licenses',
  summary: 'Undo a transfer of licenses',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/license-transfers/{movementId}/undo',
  permission: { at: 'account', action: 'move-inventory' },
  params: z.object({ accountId: uuid, movementId: uuid }),
  answer: transferResult,
  refusals: ['agreement-overdue', 'undo-too-late', 'undo-done', 'undo-impossible', 'not-undoable'],
  dryRun: true,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, quantity, text, uuid } from '../shapes.ts';
import { transferResult } from './shapes.ts';

/**
 * Withdraws part of a lot by a named movement with a reason, for returns and wrong deliveries. If more is in use than
 * is left, the pool is out of compliance; nothing is cut off.
 */
export const correctLot = defineOperation({
  name: 'correctLot',
  capability: 'licenses',
  summary: 'Withdraw part of a lot',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/license-corrections',
  permission: { at: 'platform', action: 'correct-licenses' },
  params: accountParams,
  body: z.strictObject({ lotId: uuid, virtualAccountId: uuid, quantity, reason: text(500) }),
  answer: transferResult,
  refusals: ['insufficient-licenses', 'quantity-invalid', 'unknown-lot', 'unknown-virtual-account'],
  dryRun: true,
});

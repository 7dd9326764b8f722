import { z } from 'zod';
import { poolEffect } from '../licenses/shapes.ts';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { productInstance } from './shapes.ts';

/** Moves a product instance, with what it uses, to another virtual account. */
export const transferProductInstance = defineOperation({
  name: 'transferProductInstance',
  capability: 'product-instances',
  summary: 'Move a product instance to another virtual account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/product-instances/{instanceId}/transfer',
  permission: { at: 'account', action: 'move-inventory' },
  params: z.object({ accountId: uuid, instanceId: uuid }),
  body: z.strictObject({ toVirtualAccountId: uuid }),
  answer: z.object({ productInstance, effects: z.array(poolEffect) }),
  refusals: [
    'agreement-overdue',
    'same-virtual-account',
    'instance-not-registered',
    'unknown-virtual-account',
  ],
  dryRun: true,
  status: 200,
});

import { z } from 'zod';
import { poolEffect } from '../licenses/shapes.ts';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { productInstance } from './shapes.ts';

/**
 * Removes a product instance: what it used is free at once. The instance learns of it at its next contact and must
 * register again.
 */
export const removeProductInstance = defineOperation({
  name: 'removeProductInstance',
  capability: 'product-instances',
  summary: 'Remove a product instance',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/product-instances/{instanceId}/remove',
  permission: { at: 'account', action: 'move-inventory' },
  params: z.object({ accountId: uuid, instanceId: uuid }),
  answer: z.object({ productInstance, effects: z.array(poolEffect) }),
  refusals: ['instance-not-registered'],
  dryRun: true,
  status: 200,
});

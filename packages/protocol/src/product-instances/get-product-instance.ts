import { z } from 'zod';
import { event } from '../audit/shapes.ts';
import { defineOperation } from '../operation.ts';
import { amount, instant, uuid } from '../shapes.ts';
import { productInstance } from './shapes.ts';

export const getProductInstance = defineOperation({
  name: 'getProductInstance',
  capability: 'product-instances',
  summary: 'One product instance in detail',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/product-instances/{instanceId}',
  permission: { at: 'account', action: 'view-inventory' },
  params: z.object({ accountId: uuid, instanceId: uuid }),
  answer: z.object({
    productInstance,
    /** Changes of use, newest first, at most 100. */
    usageChanges: z.array(
      z.object({
        at: instant,
        tag: z.string(),
        licenseName: z.string().nullable(),
        from: amount,
        to: amount,
        reason: z.string(),
      }),
    ),
    events: z.array(event),
  }),
});

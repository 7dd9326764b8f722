import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { newOrder, order } from './shapes.ts';

/** Books an order; lines that are shipped to an active account are delivered in the same step. */
export const createOrder = defineOperation({
  name: 'createOrder',
  capability: 'orders',
  summary: 'Book an order',
  method: 'POST',
  path: '/api/v1/orders',
  permission: { at: 'platform', action: 'manage-orders' },
  body: newOrder,
  answer: z.object({ order }),
  refusals: [
    'order-number-taken',
    'unknown-sku',
    'unknown-account',
    'account-closed',
    'unknown-virtual-account',
  ],
  dryRun: true,
});

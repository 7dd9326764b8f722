import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { orderNumber, text } from '../shapes.ts';
import { order } from './shapes.ts';

/** Cancels lines that were not delivered yet. */
export const cancelOrder = defineOperation({
  name: 'cancelOrder',
  capability: 'orders',
  summary: 'Cancel lines of an order',
  method: 'POST',
  path: '/api/v1/orders/{orderNumber}/cancel',
  permission: { at: 'platform', action: 'manage-orders' },
  params: z.object({ orderNumber }),
  body: z.strictObject({ lines: z.array(z.int().min(1)).min(1).max(1000).optional(), reason: text(500) }),
  answer: z.object({ order }),
  refusals: ['order-state'],
  status: 200,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { orderNumber } from '../shapes.ts';
import { order } from './shapes.ts';

/** Marks booked lines as shipped; where the account is active they are delivered in the same step. */
export const shipOrder = defineOperation({
  name: 'shipOrder',
  capability: 'orders',
  summary: 'Ship lines of an order',
  method: 'POST',
  path: '/api/v1/orders/{orderNumber}/ship',
  permission: { at: 'platform', action: 'manage-orders' },
  params: z.object({ orderNumber }),
  body: z.strictObject({ lines: z.array(z.int().min(1)).min(1).max(1000).optional() }),
  answer: z.object({ order }),
  refusals: ['order-state'],
  status: 200,
});

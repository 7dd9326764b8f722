import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { orderNumber, uuid } from '../shapes.ts';
import { deskOrderTrace, orderTrace } from './shapes.ts';

/**
 * One timeline for an order number, for the publisher's staff: booked, shipped, delivered where, and whether it was moved
 * since. Restricted names that the order does not name, and what the account did with its licenses, are told by
 * `getAccountOrder` within an open support access.
 */
export const getOrder = defineOperation({
  name: 'getOrder',
  capability: 'orders',
  summary: 'Trace an order',
  method: 'GET',
  path: '/api/v1/orders/{orderNumber}',
  permission: { at: 'platform', action: 'view-orders' },
  params: z.object({ orderNumber }),
  answer: deskOrderTrace,
});

/** One timeline for an order number: booked, shipped, delivered where, moved since, used by what. */
export const getAccountOrder = defineOperation({
  name: 'getAccountOrder',
  capability: 'orders',
  summary: 'Trace an order of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/orders/{orderNumber}',
  permission: { at: 'account', action: 'view-inventory' },
  params: z.object({ accountId: uuid, orderNumber }),
  answer: orderTrace,
  cutsToLots: true,
});

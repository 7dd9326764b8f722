import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, pageOf, pageQuery, searchText } from '../shapes.ts';
import { orderLineState, orderSummary } from './shapes.ts';

const query = z.strictObject({
  ...pageQuery,
  search: searchText.optional(),
  state: orderLineState.optional(),
});

export const listOrders = defineOperation({
  name: 'listOrders',
  capability: 'orders',
  summary: 'Orders of the platform',
  method: 'GET',
  path: '/api/v1/orders',
  permission: { at: 'platform', action: 'view-orders' },
  query,
  answer: pageOf(orderSummary),
  refusals: ['cursor-invalid'],
});

/** Only the lines delivered or to be delivered into virtual accounts the caller may see count here. */
export const listAccountOrders = defineOperation({
  name: 'listAccountOrders',
  capability: 'orders',
  summary: 'Orders of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/orders',
  permission: { at: 'account', action: 'view-inventory' },
  params: accountParams,
  query,
  answer: pageOf(orderSummary),
  refusals: ['cursor-invalid'],
  cutsToLots: true,
});

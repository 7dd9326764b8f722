import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, flag } from '../shapes.ts';

export const importColumns = [
  'order_number',
  'buyer',
  'ordered_at',
  'line',
  'sku',
  'quantity',
  'account',
  'virtual_account',
  'start_date',
  'state',
] as const;

/**
 * Imports orders from CSV (a row a line, columns as in `importColumns`) or JSON (an array of orders as in
 * `createOrder`). All or nothing by default; `goodRowsOnly=true` takes the orders without a bad row.
 */
export const importOrders = defineOperation({
  name: 'importOrders',
  capability: 'orders',
  summary: 'Import orders from CSV or JSON',
  method: 'POST',
  path: '/api/v1/orders/import',
  permission: { at: 'platform', action: 'manage-orders' },
  query: z.strictObject({ goodRowsOnly: flag.default(false) }),
  body: z.string(),
  bodyMedia: ['text/csv', 'application/json'],
  answer: z.object({
    orders: amount,
    lines: amount,
    delivered: amount,
    skippedOrders: z.array(z.string()),
    /** A row is counted from 1, the header of a CSV file being row 1; of a JSON file the position of the order. */
    errors: z.array(z.object({ row: z.int(), column: z.string(), code: z.string(), detail: z.string() })),
  }),
  refusals: ['import-refused', 'malformed-body'],
  dryRun: true,
});

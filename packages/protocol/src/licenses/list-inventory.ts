import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import {
  accountParams,
  amount,
  filterText,
  flag,
  instant,
  pageOf,
  pageQuery,
  searchText,
  tag,
  uuid,
} from '../shapes.ts';
import { inventoryRow, poolState } from './shapes.ts';

export const inventoryQuery = {
  virtualAccountId: uuid.optional(),
  /** With everything nested under the virtual account; without a virtual account all the caller may see. */
  nested: flag.default(true),
  by: z.enum(['pool', 'license']).default('pool'),
  search: searchText.optional(),
  /** Only this license. */
  tag: tag.optional(),
  state: poolState.optional(),
  family: filterText(80).optional(),
  /** Only rows of which something ends within so many days. */
  endingWithinDays: z.coerce.number().int().min(1).max(3650).optional(),
  /** Only rows that are short or of which something ends within 90 days. */
  trouble: flag.optional(),
  /** Any past or future instant; the present if not given. */
  asOf: instant.optional(),
};

/** The inventory: what is owned, where, in use, and short. */
export const listInventory = defineOperation({
  name: 'listInventory',
  capability: 'licenses',
  summary: 'Inventory of licenses',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/licenses',
  permission: { at: 'account', action: 'view-inventory' },
  params: accountParams,
  query: z.strictObject({
    ...inventoryQuery,
    ...pageQuery,
    sort: z
      .enum(['license', 'balance', 'inUse', 'owned', '-license', '-balance', '-inUse', '-owned'])
      .default('license'),
  }),
  answer: pageOf(inventoryRow).extend({ total: amount, asOf: instant }),
  refusals: ['cursor-invalid', 'unknown-virtual-account'],
  cutsToLots: true,
});

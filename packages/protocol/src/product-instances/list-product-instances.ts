import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, amount, flag, pageOf, pageQuery, searchText, tag, uuid } from '../shapes.ts';
import { instanceState, productInstance } from './shapes.ts';

export const productInstanceQuery = {
  virtualAccountId: uuid.optional(),
  nested: flag.default(true),
  /** Part of host name, serial number or product id. */
  search: searchText.optional(),
  state: instanceState.optional(),
  authorization: z
    .enum(['authorized', 'out-of-compliance', 'authorization-expired', 'no-licenses-in-use'])
    .optional(),
  /** Only those that use this license. */
  tag: tag.optional(),
  silentForDays: z.coerce.number().int().min(1).max(3650).optional(),
};

/** Product instances; without `state` those that count: registered or silent, not those that left. */
export const listProductInstances = defineOperation({
  name: 'listProductInstances',
  capability: 'product-instances',
  summary: 'Product instances of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/product-instances',
  permission: { at: 'account', action: 'view-inventory' },
  params: accountParams,
  query: z.strictObject({
    ...productInstanceQuery,
    ...pageQuery,
    sort: z.enum(['name', 'lastContact', '-lastContact', 'registered', '-registered']).default('name'),
  }),
  answer: pageOf(productInstance).extend({ total: amount }),
  refusals: ['cursor-invalid', 'unknown-virtual-account'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, flag, pageOf, pageQuery, searchText, uuid } from '../shapes.ts';
import { token, tokenState } from './shapes.ts';

export const listTokens = defineOperation({
  name: 'listTokens',
  capability: 'product-instances',
  summary: 'Registration tokens of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/tokens',
  permission: { at: 'account', action: 'manage-tokens' },
  params: accountParams,
  query: z.strictObject({
    ...pageQuery,
    virtualAccountId: uuid.optional(),
    nested: flag.default(true),
    state: tokenState.optional(),
    search: searchText.optional(),
  }),
  answer: pageOf(token),
  refusals: ['cursor-invalid', 'unknown-virtual-account'],
});

/** Registration tokens of one virtual account alone. */
export const listVirtualAccountTokens = defineOperation({
  name: 'listVirtualAccountTokens',
  capability: 'product-instances',
  summary: 'Registration tokens of a virtual account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/virtual-accounts/{virtualAccountId}/tokens',
  permission: { at: 'account', action: 'manage-tokens' },
  params: z.object({ accountId: uuid, virtualAccountId: uuid }),
  query: z.strictObject(pageQuery),
  answer: pageOf(token),
  refusals: ['cursor-invalid'],
});

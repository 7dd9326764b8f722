import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery, searchText } from '../shapes.ts';
import { account } from './shapes.ts';

/** Accounts of the platform for its staff. A customer's own accounts are in `getMe`. */
export const listAccounts = defineOperation({
  name: 'listAccounts',
  capability: 'accounts',
  summary: 'Accounts of the platform',
  method: 'GET',
  path: '/api/v1/accounts',
  permission: { at: 'platform', action: 'view-accounts' },
  query: z.strictObject({ ...pageQuery, search: searchText.optional() }),
  answer: pageOf(account),
  refusals: ['cursor-invalid'],
});

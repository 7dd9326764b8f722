import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, flag, pageOf, pageQuery, searchText } from '../shapes.ts';
import { person } from './shapes.ts';

/** People with access to the account, each with the grants the caller may see. */
export const listPeople = defineOperation({
  name: 'listPeople',
  capability: 'access',
  summary: 'People of an account with their roles',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/people',
  permission: { at: 'account', action: 'view-people' },
  params: accountParams,
  query: z.strictObject({ ...pageQuery, search: searchText.optional(), partner: flag.optional() }),
  answer: pageOf(person),
  refusals: ['cursor-invalid'],
});

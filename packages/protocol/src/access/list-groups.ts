import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, pageOf, pageQuery, searchText } from '../shapes.ts';
import { group } from './shapes.ts';

/** Groups that reach where the caller sees people, by name, each with the part of its scope that the caller may see. */
export const listGroups = defineOperation({
  name: 'listGroups',
  capability: 'access',
  summary: 'Groups of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/groups',
  permission: { at: 'account', action: 'view-people' },
  params: accountParams,
  query: z.strictObject({ ...pageQuery, search: searchText.optional() }),
  answer: pageOf(group),
  refusals: ['cursor-invalid'],
});

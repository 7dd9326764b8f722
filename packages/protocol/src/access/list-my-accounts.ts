import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery, searchText, uuid } from '../shapes.ts';
import { accountRole } from './shapes.ts';

/** The accounts in which the caller has a role that holds now, by name; found by parts of their name or domain identifier. */
export const listMyAccounts = defineOperation({
  name: 'listMyAccounts',
  capability: 'access',
  summary: 'Accounts of the person or API key that asks',
  method: 'GET',
  path: '/api/v1/me/accounts',
  permission: { at: 'signed-in' },
  query: z.strictObject({ ...pageQuery, search: searchText.optional() }),
  answer: pageOf(
    z.object({
      accountId: uuid,
      name: z.string(),
      domainIdentifier: z.string(),
      /** Every role somewhere in the account, each once. */
      roles: z.array(accountRole),
    }),
  ),
  refusals: ['cursor-invalid'],
});

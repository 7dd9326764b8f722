import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, instant, pageOf, pageQuery, searchText } from '../shapes.ts';

/** People by name, found by name or mail address: for whoever answers what is stored about somebody. */
export const listAllPeople = defineOperation({
  name: 'listAllPeople',
  capability: 'privacy',
  summary: 'Everybody this installation knows',
  method: 'GET',
  path: '/api/v1/people',
  permission: { at: 'platform', action: 'manage-privacy' },
  query: z.strictObject({ ...pageQuery, search: searchText.optional() }),
  answer: pageOf(
    z.object({
      personId: z.string(),
      name: z.string(),
      email: z.string(),
      createdAt: instant,
      /** In how many accounts they have a role. */
      accounts: amount,
    }),
  ),
  refusals: ['cursor-invalid'],
});

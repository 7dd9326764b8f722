import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { instant, pageOf, pageQuery, uuid } from '../shapes.ts';
import { person } from './shapes.ts';

/** People in a group, by name. */
export const listGroupPeople = defineOperation({
  name: 'listGroupPeople',
  capability: 'access',
  summary: 'People in a group',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/groups/{groupId}/people',
  permission: { at: 'account', action: 'view-people' },
  params: z.object({ accountId: uuid, groupId: uuid }),
  query: z.strictObject(pageQuery),
  answer: pageOf(person.omit({ grants: true }).extend({ addedBy: z.string(), addedAt: instant })),
  refusals: ['cursor-invalid'],
});

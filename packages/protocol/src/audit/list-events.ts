import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, filterText, flag, instant, pageOf, pageQuery, searchText, uuid } from '../shapes.ts';
import { event } from './shapes.ts';

/** Which events; all that are given have to hold. */
export const eventFilters = {
  from: instant.optional(),
  until: instant.optional(),
  actorId: filterText(100).optional(),
  /** Who did it, whole and without regard to case: name, id, or the mail address for who may see people. */
  person: filterText(254).optional(),
  operation: filterText(80).optional(),
  objectKind: filterText(80).optional(),
  objectId: filterText(300).optional(),
  virtualAccountId: uuid.optional(),
  nested: flag.default(true),
  search: searchText.optional(),
};

/** Events the caller may see, newest first. */
export const listEvents = defineOperation({
  name: 'listEvents',
  capability: 'audit',
  summary: 'Events of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/events',
  permission: { at: 'account', action: 'view-events' },
  params: accountParams,
  query: z.strictObject({ ...pageQuery, ...eventFilters }),
  answer: pageOf(event),
  refusals: ['cursor-invalid', 'unknown-virtual-account'],
  cutsToLots: true,
});

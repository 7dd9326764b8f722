import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery } from '../shapes.ts';
import { eventFilters } from './list-events.ts';
import { event } from './shapes.ts';

const { virtualAccountId: _, nested: __, ...filters } = eventFilters;

/** The filters of `eventFilters`, but for virtual accounts: nothing of the platform lies in one. */
export const platformEventFilters = filters;

/**
 * Events of the platform, newest first: requests for accounts, staff, the catalog, orders, texts, what people do with their own
 * sign-in. Of each the caller sees what they may see: operators all, the order desk those of orders.
 */
export const listPlatformEvents = defineOperation({
  name: 'listPlatformEvents',
  capability: 'audit',
  summary: 'Events of the platform',
  method: 'GET',
  path: '/api/v1/events',
  permission: { at: 'platform', action: 'view-platform-events' },
  query: z.strictObject({ ...pageQuery, ...platformEventFilters }),
  answer: pageOf(event),
  refusals: ['cursor-invalid'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { event } from './shapes.ts';

/** One event of the platform; one that the caller may not see is not found. */
export const getPlatformEvent = defineOperation({
  name: 'getPlatformEvent',
  capability: 'audit',
  summary: 'One event of the platform',
  method: 'GET',
  path: '/api/v1/events/{eventId}',
  permission: { at: 'platform', action: 'view-platform-events' },
  params: z.object({ eventId: uuid }),
  answer: event,
});

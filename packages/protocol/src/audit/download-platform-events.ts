import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { platformEventFilters } from './list-platform-events.ts';

/** The events that `listPlatformEvents` lists with the same filters, all of them, newest first. */
export const downloadPlatformEvents = defineOperation({
  name: 'downloadPlatformEvents',
  capability: 'audit',
  summary: 'Events of the platform as CSV or NDJSON',
  method: 'GET',
  path: '/api/v1/events/download',
  permission: { at: 'platform', action: 'view-platform-events' },
  query: z.strictObject({ ...platformEventFilters, format: z.enum(['ndjson', 'csv']).default('ndjson') }),
  answer: z.string().meta({ description: 'The file: one event on each line, streamed' }),
  fileAnswer: true,
  fileMedia: ['application/x-ndjson', 'text/csv'],
});

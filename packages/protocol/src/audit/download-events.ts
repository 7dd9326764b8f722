import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { eventFilters } from './list-events.ts';

/** The events that `listEvents` lists with the same filters, all of them, newest first. */
export const downloadEvents = defineOperation({
  name: 'downloadEvents',
  capability: 'audit',
  summary: 'Events of an account as CSV or NDJSON',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/events/download',
  permission: { at: 'account', action: 'view-events' },
  params: accountParams,
  query: z.strictObject({ ...eventFilters, format: z.enum(['ndjson', 'csv']).default('ndjson') }),
  answer: z.string().meta({ description: 'The file: one event on each line, streamed' }),
  fileAnswer: true,
  fileMedia: ['application/x-ndjson', 'text/csv'],
  refusals: ['unknown-virtual-account'],
  cutsToLots: true,
});

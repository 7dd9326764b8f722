import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery } from '../shapes.ts';
import { recovery } from './shapes.ts';

/** Recoveries, the newest first. */
export const listRecoveries = defineOperation({
  name: 'listRecoveries',
  capability: 'support',
  summary: 'Ways back in that were asked for',
  method: 'GET',
  path: '/api/v1/recoveries',
  permission: { at: 'platform', action: 'recover-access' },
  query: z.strictObject(pageQuery),
  answer: pageOf(recovery),
  refusals: ['cursor-invalid'],
});

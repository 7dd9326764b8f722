import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery } from '../shapes.ts';
import { removal } from './shapes.ts';

/** Who was removed, newest first: their ids and what they are called since. After a restore they are removed again. */
export const listRemovals = defineOperation({
  name: 'listRemovals',
  capability: 'privacy',
  summary: 'People who were removed',
  method: 'GET',
  path: '/api/v1/people/removals',
  permission: { at: 'platform', action: 'manage-privacy' },
  query: z.strictObject(pageQuery),
  answer: pageOf(removal),
  refusals: ['cursor-invalid'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery } from '../shapes.ts';
import { substitution } from './shapes.ts';

export const listSubstitutions = defineOperation({
  name: 'listSubstitutions',
  capability: 'catalog',
  summary: 'Which license stands in for which',
  method: 'GET',
  path: '/api/v1/catalog/substitutions',
  permission: { at: 'signed-in' },
  query: z.strictObject(pageQuery),
  answer: pageOf(substitution),
  refusals: ['cursor-invalid'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { optionalText, tag, text } from '../shapes.ts';
import { enforcement, license, metric, overageAllowance } from './shapes.ts';

export const createLicense = defineOperation({
  name: 'createLicense',
  capability: 'catalog',
  summary: 'Add a license to the catalog',
  method: 'POST',
  path: '/api/v1/catalog/licenses',
  permission: { at: 'platform', action: 'manage-catalog' },
  body: z.strictObject({
    tag,
    name: text(120),
    description: optionalText(1000).default(''),
    family: optionalText(80).default(''),
    version: text(20),
    enforcement: enforcement.default('unenforced'),
    metric: metric.default('device'),
    overage: overageAllowance.default({ kind: 'none' }),
  }),
  answer: z.object({ license }),
  refusals: ['tag-taken'],
});

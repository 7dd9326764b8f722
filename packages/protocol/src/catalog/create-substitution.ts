import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { quantity, tag } from '../shapes.ts';
import { substitution } from './shapes.ts';

/** Lets surplus of one license stand in for another inside a virtual account, never the reverse. */
export const createSubstitution = defineOperation({
  name: 'createSubstitution',
  capability: 'catalog',
  summary: 'Let one license stand in for another',
  method: 'POST',
  path: '/api/v1/catalog/substitutions',
  permission: { at: 'platform', action: 'manage-catalog' },
  body: z.strictObject({
    upperTag: tag,
    lowerTag: tag,
    upperQuantity: quantity.default(1),
    lowerQuantity: quantity.default(1),
    priority: z.int().min(0).max(1000).default(100),
  }),
  answer: z.object({ substitution }),
  refusals: ['unknown-tag', 'substitution-cycle', 'substitution-exists', 'substitution-export-class'],
});

import { z } from 'zod';
import { instant, quantity, sku, tag, uuid } from '../shapes.ts';

export const enforcement = z.enum(['unenforced', 'enforced', 'export-controlled']);

/** CycloneDX 1.7 `licenseTypes` words. */
export const metric = z.enum([
  'academic',
  'appliance',
  'client-access',
  'concurrent-user',
  'core-points',
  'custom-metric',
  'device',
  'evaluation',
  'named-user',
  'node-locked',
  'oem',
  'perpetual',
  'processor-points',
  'subscription',
  'user',
  'other',
]);

/** How much more than owned may be in use before it counts as out of compliance. */
export const overageAllowance = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('quantity'), quantity }),
  z.strictObject({ kind: z.literal('percent'), percent: z.int().min(1).max(100) }),
]);

export const license = z.object({
  licenseId: uuid,
  tag,
  name: z.string(),
  description: z.string(),
  family: z.string(),
  version: z.string(),
  enforcement,
  metric,
  overage: overageAllowance,
  createdAt: instant,
});

export const substitution = z.object({
  substitutionId: uuid,
  upperTag: tag,
  upperName: z.string(),
  lowerTag: tag,
  lowerName: z.string(),
  /** `upperQuantity` units of the upper license stand in for `lowerQuantity` units of the lower one. */
  upperQuantity: quantity,
  lowerQuantity: quantity,
  priority: z.int().min(0).max(1000),
});

export const productTerm = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('perpetual') }),
  z.strictObject({ kind: z.literal('term'), months: z.int().min(1).max(120) }),
  z.strictObject({ kind: z.literal('demo'), days: z.int().min(1).max(365) }),
]);

export const billing = z.enum(['prepaid', 'usage']);

export const product = z.object({
  productId: uuid,
  sku,
  name: z.string(),
  grants: z.array(z.object({ tag, licenseName: z.string(), quantityPerUnit: quantity })),
  term: productTerm,
  billing,
  createdAt: instant,
});

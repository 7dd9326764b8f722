import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { quantity, sku, tag, text } from '../shapes.ts';
import { billing, product, productTerm } from './shapes.ts';

export const createProduct = defineOperation({
  name: 'createProduct',
  capability: 'catalog',
  summary: 'Add a product (SKU) to the catalog',
  method: 'POST',
  path: '/api/v1/catalog/products',
  permission: { at: 'platform', action: 'manage-catalog' },
  body: z.strictObject({
    sku,
    name: text(120),
    grants: z
      .array(z.strictObject({ tag, quantityPerUnit: quantity.default(1) }))
      .min(1)
      .max(50),
    term: productTerm.default({ kind: 'perpetual' }),
    billing: billing.default('prepaid'),
  }),
  answer: z.object({ product }),
  refusals: ['sku-taken', 'unknown-tag'],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery, searchText } from '../shapes.ts';
import { product } from './shapes.ts';

export const listProducts = defineOperation({
  name: 'listProducts',
  capability: 'catalog',
  summary: 'Products (SKUs) of the catalog',
  method: 'GET',
  path: '/api/v1/catalog/products',
  permission: { at: 'signed-in' },
  query: z.strictObject({ ...pageQuery, search: searchText.optional() }),
  answer: pageOf(product),
  refusals: ['cursor-invalid'],
});

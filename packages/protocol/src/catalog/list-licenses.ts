import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery, searchText } from '../shapes.ts';
import { license } from './shapes.ts';

export const listCatalogLicenses = defineOperation({
  name: 'listCatalogLicenses',
  capability: 'catalog',
  summary: 'Licenses of the catalog',
  method: 'GET',
  path: '/api/v1/catalog/licenses',
  permission: { at: 'signed-in' },
  query: z.strictObject({ ...pageQuery, search: searchText.optional() }),
  answer: pageOf(license),
  refusals: ['cursor-invalid'],
});

import { z } from 'zod';
import { inventoryQuery } from '../licenses/list-inventory.ts';
import { defineOperation } from '../operation.ts';
import { productInstanceQuery } from '../product-instances/list-product-instances.ts';
import { accountParams, flag, searchText, uuid } from '../shapes.ts';

const format = z.enum(['json', 'csv', 'xlsx']).default('json');

const file = z.string().meta({ description: 'The file: all rows of exactly the filtered set, streamed' });

/** Every pool with its numbers. */
export const downloadLicensesReport = defineOperation({
  name: 'downloadLicensesReport',
  capability: 'reports',
  summary: 'Report of licenses as JSON, CSV or XLSX',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/reports/licenses',
  permission: { at: 'account', action: 'view-inventory' },
  params: accountParams,
  query: z.strictObject({ ...inventoryQuery, format }),
  answer: file,
  fileAnswer: true,
  refusals: ['agreement-overdue', 'unknown-virtual-account'],
  cutsToLots: true,
});

/** Every lot with a term in every virtual account that holds some of it. */
export const downloadLicenseSubscriptionsReport = defineOperation({
  name: 'downloadLicenseSubscriptionsReport',
  capability: 'reports',
  summary: 'Report of license subscriptions as JSON, CSV or XLSX',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/reports/license-subscriptions',
  permission: { at: 'account', action: 'view-inventory' },
  params: accountParams,
  query: z.strictObject({
    virtualAccountId: uuid.optional(),
    nested: flag.default(true),
    search: searchText.optional(),
    endingWithinDays: z.coerce.number().int().min(1).max(3650).optional(),
    format,
  }),
  answer: file,
  fileAnswer: true,
  refusals: ['agreement-overdue', 'unknown-virtual-account'],
  cutsToLots: true,
});

/** Every product instance with each license it uses. */
export const downloadProductInstancesReport = defineOperation({
  name: 'downloadProductInstancesReport',
  capability: 'reports',
  summary: 'Report of product instances as JSON, CSV or XLSX',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/reports/product-instances',
  permission: { at: 'account', action: 'view-inventory' },
  params: accountParams,
  query: z.strictObject({ ...productInstanceQuery, format }),
  answer: file,
  fileAnswer: true,
  refusals: ['agreement-overdue', 'unknown-virtual-account'],
});

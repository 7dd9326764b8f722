import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, pageOf, pageQuery } from '../shapes.ts';
import { apiKey } from './shapes.ts';

export const listApiKeys = defineOperation({
  name: 'listApiKeys',
  capability: 'access',
  summary: 'API keys of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/api-keys',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  query: z.strictObject(pageQuery),
  answer: pageOf(apiKey),
  refusals: ['cursor-invalid'],
});

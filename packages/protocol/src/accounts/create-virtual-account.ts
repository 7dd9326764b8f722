import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, optionalText, text, uuid } from '../shapes.ts';
import { virtualAccount } from './shapes.ts';

/** At the top (an account administrator) or under a parent (also its virtual account administrator). */
export const createVirtualAccount = defineOperation({
  name: 'createVirtualAccount',
  capability: 'accounts',
  summary: 'Make a virtual account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/virtual-accounts',
  permission: { at: 'account', action: 'create-nested-virtual-account' },
  params: accountParams,
  body: z.strictObject({
    name: text(80),
    parentId: uuid.nullable().default(null),
    description: optionalText(500).default(''),
    accessLevel: z.enum(['restricted', 'unrestricted']).default('restricted'),
  }),
  answer: z.object({ virtualAccount }),
  refusals: ['limited-use-virtual-accounts', 'name-taken', 'nested-too-deep', 'unknown-virtual-account'],
});

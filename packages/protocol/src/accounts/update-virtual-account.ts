import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { optionalText, text, uuid } from '../shapes.ts';
import { virtualAccount } from './shapes.ts';

/** Renames, describes, opens or restricts a virtual account, or makes it the default one. */
export const updateVirtualAccount = defineOperation({
  name: 'updateVirtualAccount',
  capability: 'accounts',
  summary: 'Change a virtual account',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}/virtual-accounts/{virtualAccountId}',
  permission: { at: 'account', action: 'manage-virtual-account' },
  params: z.object({ accountId: uuid, virtualAccountId: uuid }),
  body: z.strictObject({
    name: text(80).optional(),
    description: optionalText(500).optional(),
    accessLevel: z.enum(['restricted', 'unrestricted']).optional(),
    isDefault: z.literal(true).optional(),
  }),
  answer: z.object({ virtualAccount }),
  refusals: ['name-taken', 'default-virtual-account', 'nothing-to-do'],
});

import { maximumTagKeys } from '@estover/domain/accounts';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { virtualAccount } from './shapes.ts';

/** Sets or clears (null) the values that a virtual account carries; keys that are not named stay as they are. */
export const tagVirtualAccount = defineOperation({
  name: 'tagVirtualAccount',
  capability: 'accounts',
  summary: 'Set the tags of a virtual account',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}/virtual-accounts/{virtualAccountId}/tags',
  permission: { at: 'account', action: 'manage-virtual-account' },
  params: z.object({ accountId: uuid, virtualAccountId: uuid }),
  body: z.strictObject({
    tags: z
      .array(z.strictObject({ tagKeyId: uuid, tagValueId: uuid.nullable() }))
      .min(1)
      .max(maximumTagKeys)
      .refine((tags) => new Set(tags.map(({ tagKeyId }) => tagKeyId)).size === tags.length, {
        error: 'must name each key once',
      }),
  }),
  answer: z.object({ virtualAccount }),
  refusals: ['unknown-tag-value', 'nothing-to-do'],
});

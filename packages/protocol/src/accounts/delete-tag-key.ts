import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, uuid } from '../shapes.ts';

/**
 * Deletes a tag key with its values, and takes them from the virtual accounts that carry one: a dry run says from how
 * many, and the deletion itself wants that number as `confirmedVirtualAccounts`.
 */
export const deleteTagKey = defineOperation({
  name: 'deleteTagKey',
  capability: 'accounts',
  summary: 'Delete a tag key',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/tag-keys/{tagKeyId}',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: z.object({ accountId: uuid, tagKeyId: uuid }),
  query: z.strictObject({
    /** So many virtual accounts may lose their value. */
    confirmedVirtualAccounts: z.coerce.number().int().min(0).default(0),
  }),
  answer: z.object({
    tagKeyId: uuid,
    /** Virtual accounts that carried a value of it. */
    removedFrom: amount,
  }),
  refusals: ['tag-in-use'],
  dryRun: true,
});

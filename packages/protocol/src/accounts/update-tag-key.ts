import { maximumTagValues } from '@estover/domain/accounts';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, uuid } from '../shapes.ts';
import { tagKey, tagName } from './shapes.ts';

const areDifferent = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;

/**
 * Renames a key, and removes, renames and adds values of it, in this order, in one step. Virtual accounts that carry a
 * value which is removed lose it: a dry run says how many (`removedFrom`), and the change itself wants that number as
 * `confirmedVirtualAccounts`, so that nobody takes more away than they were told.
 */
export const updateTagKey = defineOperation({
  name: 'updateTagKey',
  capability: 'accounts',
  summary: 'Change a tag key or its values',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}/tag-keys/{tagKeyId}',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: z.object({ accountId: uuid, tagKeyId: uuid }),
  body: z.strictObject({
    name: tagName.optional(),
    add: z.array(tagName).max(maximumTagValues).default([]),
    rename: z
      .array(z.strictObject({ tagValueId: uuid, name: tagName }))
      .max(maximumTagValues)
      .refine((values) => areDifferent(values.map(({ tagValueId }) => tagValueId)), {
        error: 'must name each value once',
      })
      .default([]),
    remove: z
      .array(uuid)
      .max(maximumTagValues)
      .refine(areDifferent, { error: 'must name each value once' })
      .default([]),
    /** So many virtual accounts may lose the values that are removed. */
    confirmedVirtualAccounts: amount.default(0),
  }),
  answer: z.object({
    tagKey,
    /** Virtual accounts that carried a value which is removed. */
    removedFrom: amount,
  }),
  refusals: ['tag-name-taken', 'tag-limit', 'tag-in-use', 'unknown-tag-value', 'nothing-to-do'],
  dryRun: true,
});

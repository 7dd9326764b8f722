import { maximumTagValues } from '@estover/domain/accounts';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { tagKey, tagName } from './shapes.ts';

/** Defines a key, such as Department, and the values of which a virtual account may carry one. */
export const createTagKey = defineOperation({
  name: 'createTagKey',
  capability: 'accounts',
  summary: 'Define a tag key with its values',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/tag-keys',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  body: z.strictObject({ name: tagName, values: z.array(tagName).min(1).max(maximumTagValues) }),
  answer: z.object({ tagKey }),
  refusals: ['tag-name-taken', 'tag-limit', 'not-for-limited-use'],
});

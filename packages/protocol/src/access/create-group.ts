import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, instant } from '../shapes.ts';
import { accountRole, grantScope, group, groupName } from './shapes.ts';

/** Makes a group without people. Its name is unique in the account without regard to case. */
export const createGroup = defineOperation({
  name: 'createGroup',
  capability: 'access',
  summary: 'Make a group with a role in an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/groups',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  body: z.strictObject({
    name: groupName,
    role: accountRole,
    scope: grantScope,
    until: instant.optional(),
  }),
  answer: z.object({ group }),
  refusals: [
    'grant-exceeds-own',
    'name-taken',
    'not-for-limited-use',
    'scope-not-for-role',
    'step-up-required',
    'unknown-virtual-account',
  ],
});

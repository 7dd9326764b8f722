import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, email, instant, text } from '../shapes.ts';
import { accountRole, grant, grantScope } from './shapes.ts';

/**
 * Gives a person a role in a scope. Somebody new is invited: the answer then holds a one-time link for choosing a
 * password, shown once, until mail is configured.
 */
export const grantRole = defineOperation({
  name: 'grantRole',
  capability: 'access',
  summary: 'Give a person a role in an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/grants',
  permission: { at: 'account', action: 'manage-people' },
  params: accountParams,
  body: z.strictObject({
    email,
    name: text(120).optional(),
    role: accountRole,
    scope: grantScope,
    until: instant.optional(),
  }),
  answer: z.object({ personId: z.string(), grant, invitationLink: z.string().nullable() }),
  refusals: ['grant-exceeds-own', 'scope-not-for-role', 'unknown-virtual-account'],
  secretAnswer: true,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, email, instant, text } from '../shapes.ts';
import { accountRole, grant, grantScope, told } from './shapes.ts';

/**
 * Gives a person a role in a scope, and lets them know by mail. Somebody new is invited with a one-time link for choosing
 * a password; without a mail server the answer holds it, shown once.
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
    /** Limits the person to the lots that this seller sold (`limitToSeller`), where this is their first role. */
    soldBy: text(200).optional(),
  }),
  answer: z.object({ personId: z.string(), grant, ...told }),
  refusals: [
    'grant-exceeds-own',
    'limited-use-people',
    'person-deactivated',
    'not-a-partner',
    'seller-limit-differs',
    'scope-not-for-role',
    'step-up-required',
    'unknown-virtual-account',
  ],
  secretAnswer: true,
});

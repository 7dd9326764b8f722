import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { mailDomain } from './single-sign-on-shapes.ts';

/** Mail domains of an account by name, each with its single sign-on; and who could be exempt from it. No secret is told. */
export const listMailDomains = defineOperation({
  name: 'listMailDomains',
  capability: 'access',
  summary: 'Mail domains of an account and their single sign-on',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/mail-domains',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  answer: z.object({
    items: z.array(mailDomain),
    /** Administrators without an end, and whether they have a password and codes at sign-in, as who is exempt must. */
    administrators: z.array(
      z.object({
        personId: z.string(),
        name: z.string(),
        email: z.string(),
        couldBeExempt: z.boolean(),
      }),
    ),
  }),
});

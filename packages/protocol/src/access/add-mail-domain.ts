import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { mailDomain } from './single-sign-on-shapes.ts';

/** Says that a mail domain is the account's. It counts for nothing until `checkMailDomain` finds its record. */
export const addMailDomain = defineOperation({
  name: 'addMailDomain',
  capability: 'access',
  summary: 'Add a mail domain to an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/mail-domains',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  body: z.strictObject({ domain: z.string().min(1).max(253) }),
  answer: z.object({ mailDomain }),
  refusals: [
    'domain-identifier-invalid',
    'mail-domain-known',
    'mail-domain-limit',
    'not-for-limited-use',
    'public-mail-domain',
  ],
});

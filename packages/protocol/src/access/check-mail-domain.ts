import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { mailDomain, mailDomainParams } from './single-sign-on-shapes.ts';

/**
 * Looks the domain's TXT record up, now. Where it is found the domain is proved, and no other account can prove it. A
 * domain that was proved stays so when the record is gone; it is what its name servers say now that is refused.
 */
export const checkMailDomain = defineOperation({
  name: 'checkMailDomain',
  capability: 'access',
  summary: 'Look up whether a mail domain is the account’s',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/mail-domains/{mailDomainId}/checks',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: mailDomainParams,
  answer: z.object({ mailDomain }),
  refusals: ['mail-domain-not-proved', 'mail-domain-taken'],
});

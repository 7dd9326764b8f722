import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { connectionInput, mailDomain, mailDomainParams } from './single-sign-on-shapes.ts';

/**
 * Sets the provider at which people of a proved mail domain sign in. It is off and not tested after that, whatever it
 * was before: a test shows that the new provider works, and only then it is switched on. A stored secret never goes to
 * another address than that it was given for.
 */
export const setSingleSignOn = defineOperation({
  name: 'setSingleSignOn',
  capability: 'access',
  summary: 'Set the provider of a mail domain’s single sign-on',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/mail-domains/{mailDomainId}/single-sign-on',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: mailDomainParams,
  body: connectionInput,
  answer: z.object({ mailDomain }),
  status: 200,
  refusals: [
    'client-secret-needed',
    'mail-domain-not-proved',
    'saml-certificate-invalid',
    'saml-off',
    'step-up-required',
  ],
});

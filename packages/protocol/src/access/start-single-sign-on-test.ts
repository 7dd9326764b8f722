import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { mailDomainParams } from './single-sign-on-shapes.ts';

/**
 * Begins a sign-in at the provider that opens no session and links nobody: it shows whether what is set works. The answer
 * is where the browser of the person that asks goes, within ten minutes.
 */
export const startSingleSignOnTest = defineOperation({
  name: 'startSingleSignOnTest',
  capability: 'access',
  summary: 'Begin a test of single sign-on',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/mail-domains/{mailDomainId}/single-sign-on/tests',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: mailDomainParams,
  answer: z.object({ url: z.string() }),
  refusals: ['person-required', 'saml-off', 'single-sign-on-not-set'],
  secretAnswer: true,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { mailDomain, mailDomainParams } from './single-sign-on-shapes.ts';

/**
 * Switches single sign-on of a mail domain on or off, and says whether it is required, whether the company manages its
 * people, into which group new people come, and who gets in without it. Members that are left out stay as they are.
 */
export const changeSingleSignOn = defineOperation({
  name: 'changeSingleSignOn',
  capability: 'access',
  summary: 'Switch single sign-on of a mail domain on, and change its rules',
  method: 'PATCH',
  path: '/api/v1/accounts/{accountId}/mail-domains/{mailDomainId}/single-sign-on',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: mailDomainParams,
  body: z.strictObject({
    isOn: z.boolean().optional(),
    isRequired: z.boolean().optional(),
    managesPeople: z.boolean().optional(),
    groupId: uuid.nullable().optional(),
    exemptPersonIds: z.array(z.string().max(64)).max(20).optional(),
  }),
  answer: z.object({ mailDomain }),
  refusals: [
    'break-glass-needed',
    'grant-exceeds-own',
    'group-ended',
    'nothing-to-do',
    'single-sign-on-not-set',
    'single-sign-on-off',
    'single-sign-on-untested',
    'step-up-required',
  ],
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { mailDomainParams } from './single-sign-on-shapes.ts';

/** Removes a mail domain with its single sign-on and all identities of it. Its people sign in with passwords again. */
export const removeMailDomain = defineOperation({
  name: 'removeMailDomain',
  capability: 'access',
  summary: 'Remove a mail domain and its single sign-on',
  method: 'DELETE',
  path: '/api/v1/accounts/{accountId}/mail-domains/{mailDomainId}',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: mailDomainParams,
  answer: z.object({ mailDomainId: uuid, identitiesRemoved: z.int() }),
  refusals: ['step-up-required'],
});

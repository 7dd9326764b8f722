import { recoveryKinds } from '@estover/domain/support';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { email, text, uuid } from '../shapes.ts';
import { recovery } from './shapes.ts';

/**
 * Asks for a way back in, which another operator has to approve: an administrator at the company's own address for an account
 * that has none, or the end of the second factors of a person who has lost them all.
 */
export const askRecovery = defineOperation({
  name: 'askRecovery',
  capability: 'support',
  summary: 'Ask for a way back in',
  method: 'POST',
  path: '/api/v1/recoveries',
  permission: { at: 'platform', action: 'recover-access' },
  body: z
    .strictObject({
      kind: z.enum(recoveryKinds),
      /** The account that gets an administrator; for second factors there is none. */
      accountId: uuid.optional(),
      email,
      reason: text(500),
    })
    .refine(({ kind, accountId }) => (kind === 'administrator') === (accountId !== undefined), {
      path: ['accountId'],
      error: 'must be there for an administrator, and only then',
    }),
  answer: z.object({ recovery }),
  refusals: [
    'person-required',
    'step-up-required',
    'recovery-not-needed',
    'recovery-state',
    'address-not-of-account',
    'own-request',
  ],
});

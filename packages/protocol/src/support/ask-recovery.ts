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
  body: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('administrator'), accountId: uuid, email, reason: text(500) }),
    z.strictObject({ kind: z.literal('second-factors'), email, reason: text(500) }),
  ]),
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

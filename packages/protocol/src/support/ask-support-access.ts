import { supportMinutes } from '@estover/domain/support';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { text, uuid } from '../shapes.ts';
import { supportAccess, supportMode } from './shapes.ts';

/**
 * Asks to open a customer's account for a while. It begins at once where the account allows looking around with notice; to act
 * in it always needs the approval of one of its administrators, who hear of either by mail.
 */
export const askSupportAccess = defineOperation({
  name: 'askSupportAccess',
  capability: 'support',
  summary: 'Ask to open a customer’s account',
  method: 'POST',
  path: '/api/v1/support-accesses',
  permission: { at: 'platform', action: 'open-support-access' },
  body: z.strictObject({
    accountId: uuid,
    mode: supportMode.default('read'),
    reason: text(500),
    caseNumber: text(40),
    minutes: z.int().min(supportMinutes.least).max(supportMinutes.most),
  }),
  answer: z.object({ access: supportAccess }),
  refusals: [
    'person-required',
    'step-up-required',
    'support-forbidden',
    'support-too-long',
    'support-access-exists',
    'own-account',
  ],
});

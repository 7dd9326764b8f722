import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { mail } from './shapes.ts';

/**
 * Shows what a mail says that no mail server got. It may hold a link that lets somebody in as another person, so that
 * opening it is a command: who opened which mail stays in the events of the account it is about, or of all accounts of the
 * person. Nothing of the answer is kept.
 */
export const openMail = defineOperation({
  name: 'openMail',
  capability: 'notifications',
  summary: 'Open a mail that was not sent',
  method: 'POST',
  path: '/api/v1/mails/{mailId}/open',
  permission: { at: 'platform', action: 'manage-mails' },
  params: z.strictObject({ mailId: uuid }),
  answer: z.object({ mail, text: z.string() }),
  refusals: ['mail-not-open'],
  repeats: true,
  status: 200,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { notificationKind } from './shapes.ts';

/**
 * Switches off the kinds of one digest for its reader, with the link from it, and nothing else. Programs that read mails do
 * the same with one request to the link itself (RFC 8058).
 */
export const unsubscribe = defineOperation({
  name: 'unsubscribe',
  capability: 'notifications',
  summary: 'Switch off mails with the link from one',
  method: 'POST',
  path: '/api/v1/unsubscribe',
  permission: { at: 'public' },
  body: z.strictObject({ token: z.string().max(1_000) }),
  answer: z.object({
    /** Null for what the publisher's staff hears of the platform. */
    accountName: z.string().nullable(),
    kinds: z.array(notificationKind),
  }),
  refusals: ['link-invalid'],
  status: 200,
});

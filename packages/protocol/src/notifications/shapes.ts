import { z } from 'zod';
import { instant, uuid } from '../shapes.ts';

export const mailKind = z.enum([
  'invitation',
  'role-given',
  'password-reset',
  'password-changed',
  'account-requested',
  'account-acceptance',
  'account-request-closed',
  'account-active',
  'agreement-published',
  'account-status',
  'account-exists',
  'account-upgraded',
  'order-account',
  'access-requested',
  'access-request-closed',
  'role-ending',
  'roles-ending',
  'account-move',
  'sign-in-changed',
  'webhook-off',
  'mail-address-proof',
  'mail-address-in-use',
  'mail-address-changed',
  'identity-proof',
  'staff-role',
  'support-asked',
  'support-begun',
  'support-answered',
  'recovery-waits',
  'recovery-done',
]);

/**
 * `waiting` for the mail server, `sent`, `kept` because there is no mail server, or `failed`: refused for good, or tried
 * for three days.
 */
export const mailState = z.enum(['waiting', 'sent', 'kept', 'failed']);

/** A mail of the outbox. What it says is not among it: it may hold a link that lets somebody in. */
export const mail = z.object({
  mailId: uuid,
  kind: mailKind,
  recipient: z.string(),
  accountId: uuid.nullable(),
  accountName: z.string().nullable(),
  subject: z.string(),
  state: mailState,
  attempts: z.int().min(0),
  nextAttemptAt: instant.nullable(),
  /** What the mail server said, or why it was not reached. */
  problem: z.string().nullable(),
  createdAt: instant,
  /** When it was sent, or had failed. */
  doneAt: instant.nullable(),
});

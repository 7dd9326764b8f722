import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { email, text } from '../shapes.ts';
import { askedIdentifier, askingRefusals } from './request-shapes.ts';
import { accountKind } from './shapes.ts';

/**
 * Somebody asks for an account. They get a mail with a link that confirms their address, and the answer is the same
 * whether such an account exists or not; what becomes of the request they hear by mail. Limited for each network and
 * each mail address.
 */
export const requestAccount = defineOperation({
  name: 'requestAccount',
  capability: 'accounts',
  summary: 'Ask for an account',
  method: 'POST',
  path: '/api/v1/account-requests',
  permission: { at: 'public' },
  body: z.strictObject({
    kind: accountKind.default('customer'),
    ...askedIdentifier,
    requester: z.strictObject({ name: text(120), email }),
    /** Who may accept the agreement for the company; left out where it is the requester. */
    approverEmail: email.optional(),
  }),
  answer: z.object({
    /** `team-alias`: several people read the approver's address, so the audit trail will not say who acted. */
    warnings: z.array(z.enum(['team-alias'])),
    /** Whether there is a mail server. Without one, an operator hands out what mails say. */
    sendsMail: z.boolean(),
  }),
  refusals: askingRefusals,
});

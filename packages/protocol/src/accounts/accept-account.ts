import { z } from 'zod';
import { agreementName, agreementVersionNumber } from '../agreements/shapes.ts';
import { defineOperation } from '../operation.ts';
import { text } from '../shapes.ts';
import { linkToken } from './request-shapes.ts';
import { account } from './shapes.ts';

/**
 * The approver accepts the agreement with the link from their mail: the account is active, with its default virtual
 * account, and they are its administrator and approver. Who has no password yet chooses one here.
 */
export const acceptAccount = defineOperation({
  name: 'acceptAccount',
  capability: 'accounts',
  summary: 'Accept an account with the link from the mail',
  method: 'POST',
  path: '/api/v1/account-requests/accept',
  permission: { at: 'public' },
  body: z.strictObject({
    token: linkToken,
    /** The versions that were read: the newest of every agreement. */
    agreements: z
      .array(z.strictObject({ agreement: agreementName, version: agreementVersionNumber }))
      .max(100),
    /** For whoever has no password yet. */
    person: z.strictObject({ name: text(120), password: z.string().min(1).max(256) }).optional(),
  }),
  answer: z.object({ account, email: z.string() }),
  refusals: [
    'link-invalid',
    'agreement-version',
    'domain-identifier-taken',
    'person-exists',
    'password-needed',
    'password-weak',
  ],
});

import { z } from 'zod';
import { agreementName, agreementVersionNumber } from '../agreements/shapes.ts';
import { defineOperation } from '../operation.ts';
import { token } from '../product-instances/shapes.ts';
import { amount, email, text } from '../shapes.ts';
import { linkToken } from './request-shapes.ts';
import { account } from './shapes.ts';

/**
 * The approver accepts the agreement with the link from their mail: the account is active, with its default virtual
 * account, and they are its administrator and approver. Who has no password yet chooses one here. An account for limited
 * use comes with a first token if it is wanted, or with a partner who sets licensing up: sending that invitation accepts
 * the agreement, for the partner never can.
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
    /** A registration token for one product instance, 30 days; for limited use alone. */
    firstToken: z.boolean().default(false),
    /** Who sets licensing up for the customer: an account user from now on; for limited use alone. */
    partner: z.strictObject({ name: text(120), email }).optional(),
  }),
  answer: z.object({
    account,
    email: z.string(),
    /** The first token, with its secret, shown once. */
    firstToken: z.object({ token, secret: z.string() }).nullable(),
    /** What the partner needs where there is no mail server; null where they got a mail, or none was named. */
    partnerLink: z.string().nullable(),
    /** Order lines that waited for the account and were delivered. */
    deliveredLines: amount,
  }),
  refusals: [
    'link-invalid',
    'agreement-version',
    'domain-identifier-taken',
    'person-exists',
    'password-needed',
    'password-weak',
    'not-offered',
  ],
  secretAnswer: true,
});

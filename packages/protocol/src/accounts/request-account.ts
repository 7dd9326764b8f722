import { normalizeMailAddress } from '@estover/domain/accounts';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { email, optionalText, text } from '../shapes.ts';
import { accountKind } from './shapes.ts';

/** A mail address, whose domain may be written in any of its forms. */
const address = z.preprocess(
  (given) => (typeof given === 'string' ? normalizeMailAddress(given) : given),
  email,
);

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
    companyName: text(120),
    /** The company's mail domain; left out for limited use, whose identifier is the approver's mail address. */
    mailDomain: optionalText(253).default(''),
    /** Stands before the mail domain in the identifier: `lab` for `lab.example.com`. It is reviewed. */
    prefix: optionalText(63).default(''),
    /** Why the company needs an account apart from that of its mail domain; needed with a prefix. */
    justification: optionalText(1000).default(''),
    requester: z.strictObject({ name: text(120), email: address }),
    /** Who may accept the agreement for the company; left out where it is the requester. */
    approverEmail: address.optional(),
  }),
  answer: z.object({
    /** `team-alias`: several people read the approver's address, so the audit trail will not say who acted. */
    warnings: z.array(z.enum(['team-alias'])),
    /** Whether there is a mail server. Without one, an operator hands out what mails say. */
    sendsMail: z.boolean(),
  }),
  refusals: [
    'domain-identifier-invalid',
    'public-mail-domain',
    'public-mail-domain-needed',
    'approver-domain-differs',
    'justification-needed',
  ],
});

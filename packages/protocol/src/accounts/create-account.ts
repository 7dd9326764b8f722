import { z } from 'zod';
import { told } from '../access/shapes.ts';
import { defineOperation } from '../operation.ts';
import { email, text } from '../shapes.ts';
import { account, accountKind } from './shapes.ts';

/**
 * The operator makes an account with its default virtual account, active at once. The administrator named
 * becomes administrator and approver; if new, the answer holds a one-time link for choosing a password. Their address is at
 * the identifier, or at the domain behind its prefix, unless the operator says why not.
 */
export const createAccount = defineOperation({
  name: 'createAccount',
  capability: 'accounts',
  summary: 'Make an account',
  method: 'POST',
  path: '/api/v1/accounts',
  permission: { at: 'platform', action: 'manage-accounts' },
  body: z.strictObject({
    /** Accounts for limited use are asked for by whoever needs one. */
    kind: accountKind.exclude(['limited-use']).default('customer'),
    name: text(120),
    /** A mail domain, or one with a prefix; compared without case, trailing dot, and in its IDN form. */
    domainIdentifier: z.string().trim().min(3).max(253),
    exportCategory: z.enum(['A', 'B', 'C', 'D']).default('A'),
    administrator: z.strictObject({ name: text(120), email }),
    /** Why the administrator's address is at another domain; kept in the event. Left out where it is not. */
    overrideReason: text(500).optional(),
  }),
  answer: z.object({
    account,
    defaultVirtualAccountId: z.uuid(),
    ...told,
    /** `team-alias`: several people read the administrator's address, so the audit trail will not say who acted. */
    warnings: z.array(z.enum(['team-alias'])),
  }),
  refusals: [
    'domain-identifier-taken',
    'account-request-to-answer',
    'approver-domain-differs',
    'public-mail-domain',
    'step-up-required',
  ],
  secretAnswer: true,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { email } from '../shapes.ts';
import { askedIdentifier, askingRefusals } from './request-shapes.ts';
import { accountKind } from './shapes.ts';

const { mailDomain, prefix } = askedIdentifier;

/**
 * Looks at an identifier before somebody asks for it: its one form, and the account that has it already, as far as the
 * caller may know of it: somebody who is signed in with an address at its company, or belongs to it. To everybody else the
 * answer is the same whether there is one or not. It changes nothing, and is a POST so that no log keeps who looked for whom.
 */
export const checkAccountRequest = defineOperation({
  name: 'checkAccountRequest',
  capability: 'accounts',
  summary: 'Look whether there is an account already, before asking for one',
  method: 'POST',
  path: '/api/v1/account-requests/check',
  permission: { at: 'public' },
  body: z.strictObject({
    kind: accountKind.default('customer'),
    mailDomain,
    prefix,
    /** Names the account for limited use; not needed otherwise. */
    approverEmail: email.optional(),
  }),
  answer: z.object({
    domainIdentifier: z.string(),
    /** Null where there is none, and where the caller may not know. */
    existing: z.object({ name: z.string(), kind: accountKind }).nullable(),
  }),
  refusals: askingRefusals,
  status: 200,
});

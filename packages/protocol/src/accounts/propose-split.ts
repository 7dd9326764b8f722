import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, email, optionalText, text, uuid } from '../shapes.ts';
import { accountMove, accountRolesChoice, movePreview } from './move-shapes.ts';

/**
 * An administrator proposes to split virtual accounts, with everything nested in them, off into a new account. Its first
 * administrator consents within 14 days. A dry run tells what moves, who loses access, and what stands in the way.
 */
export const proposeSplit = defineOperation({
  name: 'proposeSplit',
  capability: 'accounts',
  summary: 'Propose to split virtual accounts off into a new account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/splits',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  body: z.strictObject({
    virtualAccountIds: z.array(uuid).min(1).max(200),
    newAccount: z.strictObject({
      name: text(120),
      /** The mail domain of the new account's company. */
      mailDomain: text(253),
      /** Stands before the mail domain in the identifier: `lab` for `lab.example.com`. */
      prefix: optionalText(63).default(''),
      administrator: z.strictObject({ name: text(120), email }),
    }),
    accountRoles: accountRolesChoice.default('drop'),
    reason: text(500),
  }),
  answer: z.object({ move: accountMove, preview: movePreview, invitationLink: z.string().nullable() }),
  refusals: [
    'unknown-virtual-account',
    'domain-identifier-invalid',
    'public-mail-domain',
    'approver-domain-differs',
    'domain-identifier-taken',
    'account-move-open',
    'account-move-blocked',
    'step-up-required',
  ],
  dryRun: true,
  secretAnswer: true,
});

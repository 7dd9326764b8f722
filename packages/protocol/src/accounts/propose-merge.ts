import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, text, uuid } from '../shapes.ts';
import { accountMove, accountRolesChoice, movePreview, newNames } from './move-shapes.ts';

/**
 * An administrator proposes to merge two accounts; one of the other side consents within 14 days. A dry run tells what
 * moves, who gains and loses access, and what stands in the way, as far as the caller may see it.
 */
export const proposeMerge = defineOperation({
  name: 'proposeMerge',
  capability: 'accounts',
  summary: 'Propose to merge two accounts',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/merges',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  body: z.strictObject({
    /** The other account, by its domain identifier or id. */
    otherAccount: text(253),
    /** Which of the two goes: this account, or the other one. */
    goes: z.enum(['this', 'other']),
    /** Where the virtual accounts come, in the account that stays; at its top if not given. */
    parentId: uuid.nullable().default(null),
    names: newNames.default([]),
    accountRoles: accountRolesChoice.default('drop'),
    reason: text(500),
  }),
  answer: z.object({ move: accountMove, preview: movePreview }),
  refusals: [
    'unknown-account',
    'same-account',
    'unknown-virtual-account',
    'account-move-open',
    'account-move-blocked',
    'step-up-required',
  ],
  dryRun: true,
});

import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { filterText, uuid } from '../shapes.ts';
import { accountAction, heldGrant } from './shapes.ts';

/**
 * Why somebody may do something: through which grants, their own and those by groups. Without a virtual account it is
 * about the account as a whole. Only what the caller sees of the person's grants counts: `everythingSeen` is false where
 * there may be more, in parts of the account that the caller does not see.
 */
export const explainAccess = defineOperation({
  name: 'explainAccess',
  capability: 'access',
  summary: 'Why a person may do something at a virtual account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/people/{personId}/access',
  permission: { at: 'account', action: 'view-people' },
  params: z.object({ accountId: uuid, personId: filterText(64).min(1) }),
  query: z.strictObject({ action: accountAction, virtualAccountId: uuid.optional() }),
  answer: z.object({
    /** Whether what they hold allows it; nothing does before `mailProved`. */
    allowed: z.boolean(),
    /** Whether a mail has proved that the address is theirs to which the roles were given: before, none of them counts. */
    mailProved: z.boolean(),
    /** Each of these alone allows it. */
    through: z.array(heldGrant),
    everythingSeen: z.boolean(),
    /** The seller whose lots the person is limited to, which allows to see and nothing else; null without a limit. */
    soldBy: z.string().nullable(),
  }),
  refusals: ['unknown-virtual-account'],
});

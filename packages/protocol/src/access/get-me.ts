import { accountKinds, accountStatuses } from '@estover/domain/accounts';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { instant, uuid } from '../shapes.ts';
import { supportMode } from '../support/shapes.ts';
import { accountAction, accountRole, grantScope, platformRole } from './shapes.ts';
import { viewingAs } from './view-as.ts';

/** Who is asking, with everything the console needs to enable its buttons. */
export const getMe = defineOperation({
  name: 'getMe',
  capability: 'access',
  summary: 'The person or API key that asks, with roles and accounts',
  method: 'GET',
  path: '/api/v1/me',
  permission: { at: 'signed-in' },
  answer: z.object({
    kind: z.enum(['person', 'api-key']),
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    /** Through whose eyes the session looks at an account; null where it does not. */
    viewingAs: viewingAs.nullable(),
    platformRoles: z.array(platformRole),
    platformActions: z.array(z.string()),
    /** Whether their platform roles wait until they sign in with a second factor. */
    needsSecondFactor: z.boolean(),
    /** Whether somebody has said when digests come to them, and so where they are; true for an API key. */
    knowsTimeZone: z.boolean(),
    accounts: z.array(
      z.object({
        accountId: uuid,
        name: z.string(),
        domainIdentifier: z.string(),
        kind: z.enum(accountKinds),
        /** Only an active account is changed; it is read in any status. */
        status: z.enum(accountStatuses),
        statusReason: z.string().nullable(),
        roles: z.array(z.object({ role: accountRole, scope: grantScope })),
        /** The seller whose lots are all that the caller sees in the account; null without a limit. */
        soldBy: z.string().nullable(),
        actions: z.array(accountAction),
        /** The support access by which they are in the account; null where they have roles there. */
        support: z
          .object({
            accessId: uuid,
            mode: supportMode,
            caseNumber: z.string(),
            reason: z.string(),
            endsAt: instant,
          })
          .nullable(),
      }),
    ),
  }),
});

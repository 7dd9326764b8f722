import { accessRequestStates } from '@estover/domain/access';
import { z } from 'zod';
import { instant, uuid } from '../shapes.ts';
import { accountRole, grantScope } from './shapes.ts';

export const accessRequestState = z.enum(accessRequestStates);

/** A request for access as the person who asked sees it: until it is answered it says nothing of the account. */
export const ownAccessRequest = z.object({
  requestId: uuid,
  /** The account's identifier in its one form. */
  identifier: z.string(),
  role: accountRole,
  /** The path of a virtual account as it was typed; empty for the whole account. */
  place: z.string(),
  reason: z.string(),
  state: accessRequestState,
  askedAt: instant,
  /** When it expires unless somebody answers. */
  endsAt: instant,
  stateSince: instant,
  /** The account, once the request was approved. */
  accountId: uuid.nullable(),
  /** Why it was declined, or what the approver added; null where nobody wrote anything. */
  answer: z.string().nullable(),
});

/** The same as those see it who may answer it. */
export const accessRequest = ownAccessRequest.omit({ accountId: true }).extend({
  person: z.object({
    personId: z.string(),
    name: z.string(),
    email: z.string(),
    /** Their mail address is of another company than the account's. */
    partner: z.boolean(),
  }),
  /** The virtual account that has the path; null for the whole account, and where none has it. */
  virtualAccountId: uuid.nullable(),
  virtualAccountPath: z.array(z.string()).nullable(),
  answeredBy: z.string().nullable(),
  /** What was given; null unless it was approved and the role is still there. */
  given: z.object({ role: accountRole, scope: grantScope, until: instant.nullable() }).nullable(),
});

export const accessRequestParams = z.object({ accountId: uuid, requestId: uuid });

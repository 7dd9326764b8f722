import { requestStates } from '@estover/domain/accounts';
import { z } from 'zod';
import { agreementVersion } from '../agreements/shapes.ts';
import { instant, uuid } from '../shapes.ts';
import { accountKind } from './shapes.ts';

export const requestParams = z.object({ requestId: uuid });

/** The secret of a link, or the whole link as it was pasted. */
export const linkToken = z.string().max(500);

export const accountRequestState = z.enum(requestStates);

/** A request for an account, as operators see it. */
export const accountRequest = z.object({
  requestId: uuid,
  state: accountRequestState,
  stateSince: instant,
  /** When it expires if nothing happens; null where it waits for an operator or is closed. */
  endsAt: instant.nullable(),
  kind: accountKind,
  companyName: z.string(),
  domainIdentifier: z.string(),
  hasPrefix: z.boolean(),
  justification: z.string(),
  requesterName: z.string(),
  requesterEmail: z.string(),
  approverEmail: z.string(),
  /** The approver's address reads like one that a team shares. */
  approverIsTeam: z.boolean(),
  requestedAt: instant,
  reviewedBy: z.string().nullable(),
  /** Why it was declined; null otherwise. */
  reason: z.string().nullable(),
  /** The account that came of it. */
  accountId: uuid.nullable(),
});

/** The same as whoever has a link from a mail sees it. */
export const linkedRequest = accountRequest
  .pick({
    state: true,
    endsAt: true,
    kind: true,
    companyName: true,
    domainIdentifier: true,
    requesterName: true,
    requesterEmail: true,
    approverEmail: true,
  })
  .extend({
    /** Whose link it is. */
    linkOf: z.enum(['requester', 'approver']),
    /** What the approver accepts: the newest version of every agreement. */
    agreements: z.array(
      agreementVersion.pick({ agreement: true, version: true, title: true, language: true, text: true }),
    ),
    /** Whether whoever accepts chooses a name and a password; always false for the requester's link. */
    choosesPassword: z.boolean(),
  });

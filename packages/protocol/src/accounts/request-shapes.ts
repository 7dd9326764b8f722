import { requestPurposes, requestStates } from '@estover/domain/accounts';
import { z } from 'zod';
import { agreementVersion } from '../agreements/shapes.ts';
import { instant, optionalText, text, uuid } from '../shapes.ts';
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
  /** Why it was declined, or what the operator wrote who approved it; null otherwise. */
  reason: z.string().nullable(),
  /** What the operator asked the requester during the review, and their answer; null where nobody did. */
  question: z.string().nullable(),
  questionAt: instant.nullable(),
  questionBy: z.string().nullable(),
  answer: z.string().nullable(),
  answeredAt: instant.nullable(),
  /** Until when it should be reviewed; null where it is not, or a question waits for the requester. */
  reviewDueAt: instant.nullable(),
  isOverdue: z.boolean(),
  /** The account that came of it. */
  accountId: uuid.nullable(),
  /** Who asks and what for: `customer` a partner for a customer, `order` the contact of orders, `upgrade` an administrator. */
  purpose: z.enum(requestPurposes),
  /** The account it begins from: the partner's, the one that orders wait in, or the one that is upgraded. */
  originAccountId: uuid.nullable(),
});

/** What is asked for; also by partners and from orders. */
export const askedIdentifier = {
  companyName: text(120),
  /** The company's mail domain; left out for limited use, whose identifier is the approver's mail address. */
  mailDomain: optionalText(253).default(''),
  /** Stands before the mail domain in the identifier: `lab` for `lab.example.com`. It is reviewed. */
  prefix: optionalText(63).default(''),
  /** Why the company needs an account apart from that of its mail domain; needed with a prefix. */
  justification: optionalText(1000).default(''),
};

/** Refusals of what is asked for. */
export const askingRefusals = [
  'domain-identifier-invalid',
  'public-mail-domain',
  'public-mail-domain-needed',
  'approver-domain-differs',
  'justification-needed',
] as const;

/** A request as the partner who made it for a customer sees it. It never tells whether there is such an account already. */
export const customerRequest = accountRequest.pick({
  requestId: true,
  state: true,
  stateSince: true,
  endsAt: true,
  kind: true,
  companyName: true,
  domainIdentifier: true,
  justification: true,
  requesterName: true,
  requesterEmail: true,
  approverEmail: true,
  requestedAt: true,
  reason: true,
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
    question: true,
    answer: true,
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

import { mayLearnOfAccount } from '@estover/domain/accounts';
import { type QueueContext, queueMail } from '../notifications/index.ts';
import { type LinkOf, makeRequestLink } from './request-links-store.ts';
import type { RequestRow } from './requests-store.ts';

/**
 * The link with which the requester confirms their address. Anybody may have typed it, so nothing of what they wrote
 * beside the identifier goes into this mail.
 */
export async function mailRequester(context: QueueContext, request: RequestRow): Promise<void> {
  const link = await linkTo(context, 'requester', request);
  const { domainIdentifier } = request;
  const content = {
    kind: 'account-requested',
    domainIdentifier,
    link,
    until: untilOf(context, request),
  } as const;
  await queueMail(context, { to: request.requesterEmail, accountId: null, content });
}

/** The link with which the approver accepts. */
export async function mailApprover(context: QueueContext, request: RequestRow): Promise<void> {
  const content = {
    kind: 'account-acceptance',
    companyName: request.companyName,
    domainIdentifier: request.domainIdentifier,
    requestedBy: `${request.requesterName} (${request.requesterEmail})`,
    link: await linkTo(context, 'approver', request),
    until: untilOf(context, request),
  } as const;
  await queueMail(context, { to: request.approverEmail, accountId: null, content });
}

/** Tells the requester that an account has the identifier: its name only to those who have an address at its company. */
export async function mailTaken(
  context: QueueContext,
  request: RequestRow,
  account: { name: string },
): Promise<void> {
  const named = mayLearnOfAccount(request.domainIdentifier, request.requesterEmail) ? account.name : null;
  await mailClosed(context, request, { why: 'taken', accountName: named, reason: null });
}

export const mailDeclined = (context: QueueContext, request: RequestRow): Promise<void> =>
  mailClosed(context, request, { why: 'declined', accountName: null, reason: request.reason });

export const mailExpired = (context: QueueContext, request: RequestRow): Promise<void> =>
  mailClosed(context, request, { why: 'expired', accountName: null, reason: null });

/** Tells the requester that somebody else accepted what they asked for. */
export async function mailActive(
  context: QueueContext,
  request: RequestRow,
  acceptedBy: string,
): Promise<void> {
  if (request.requesterEmail === request.approverEmail) return;
  const content = {
    kind: 'account-active',
    companyName: request.companyName,
    domainIdentifier: request.domainIdentifier,
    acceptedBy,
    link: `${context.installation.publicUrl}/sign-in`,
  } as const;
  await queueMail(context, { to: request.requesterEmail, accountId: null, content });
}

async function mailClosed(
  context: QueueContext,
  { domainIdentifier, requesterEmail }: RequestRow,
  closed: {
    why: 'taken' | 'declined' | 'expired';
    accountName: string | null;
    reason: string | null;
  },
): Promise<void> {
  const link = `${context.installation.publicUrl}/request-account`;
  const content = { kind: 'account-request-closed', domainIdentifier, ...closed, link } as const;
  await queueMail(context, { to: requesterEmail, accountId: null, content });
}

const linkTo = (
  { trx, now, installation }: QueueContext,
  linkOf: LinkOf,
  { requestId }: RequestRow,
): Promise<string> => makeRequestLink(trx, { linkOf, requestId, now, publicUrl: installation.publicUrl });

/** When what the mail asks for is over: a state that waits for somebody has an end. */
const untilOf = ({ now }: QueueContext, { endsAt }: RequestRow): string => (endsAt ?? now).toString();

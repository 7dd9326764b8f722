import { type QueueContext, queueMail } from '../notifications/index.ts';
import { type AccountRow, findAccount, findAccountByDomain } from './accounts-store.ts';
import { prefixHint } from './prefix-hint.ts';
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
    requestedBy: await requestedBy(context, request),
    link: await linkTo(context, 'approver', request),
    until: untilOf(context, request),
  } as const;
  await queueMail(context, { to: request.approverEmail, accountId: null, content });
}

/** What the operator asks; the link takes the place of the requester's earlier one, whose secret is nowhere. */
export async function mailQuestion(
  context: QueueContext,
  request: RequestRow,
  question: string,
): Promise<void> {
  const { domainIdentifier, requesterEmail } = request;
  const link = await linkTo(context, 'requester', request);
  const content = { kind: 'account-request-question', domainIdentifier, question, link } as const;
  await queueMail(context, { to: requesterEmail, accountId: null, content });
}

/** Tells the requester that a request was approved which somebody else accepts. */
export async function mailApproved(context: QueueContext, request: RequestRow): Promise<void> {
  const { domainIdentifier, requesterEmail, approverEmail, reason } = request;
  if (requesterEmail === approverEmail) return;
  const content = {
    kind: 'account-request-approved',
    domainIdentifier,
    approverEmail,
    reason,
    link: await linkTo(context, 'requester', request),
    until: untilOf(context, request),
  } as const;
  await queueMail(context, { to: requesterEmail, accountId: null, content });
}

/**
 * Tells the approver that a request was taken back, if they were asked to accept it: from a state before that they have
 * heard nothing, and where they asked themselves they know. Where there is such an account they were told of that instead.
 */
export async function mailWithdrawn(context: QueueContext, before: RequestRow): Promise<void> {
  const { domainIdentifier, companyName, requesterEmail, approverEmail } = before;
  if (before.state !== 'awaiting-acceptance' || requesterEmail === approverEmail) return;
  if ((await findAccountByDomain(context.trx, domainIdentifier)) !== undefined) return;
  const content = {
    kind: 'account-request-withdrawn',
    companyName,
    domainIdentifier,
    requestedBy: await requestedBy(context, before),
    link: `${context.installation.publicUrl}/request-account`,
  } as const;
  await queueMail(context, { to: approverEmail, accountId: null, content });
}

/** Who asks, in words; of a partner with the account they ask from. */
async function requestedBy({ trx }: QueueContext, request: RequestRow): Promise<string> {
  const { requesterName, requesterEmail, purpose, originAccountId } = request;
  const who = `${requesterName} (${requesterEmail})`;
  if (purpose !== 'customer' || originAccountId === null) return who;
  const partner = await findAccount(trx, originAccountId);
  return partner === undefined ? who : `${who} of ${partner.name}`;
}

/**
 * Tells the approver of a partner's or a stranger's request that their company has such an account. Its identifier is
 * their own mail domain, or address, so they may know of it; whoever asked hears nothing.
 */
export async function mailExists(
  context: QueueContext,
  request: RequestRow,
  account: Pick<AccountRow, 'name' | 'kind' | 'domainIdentifier'>,
): Promise<void> {
  const { domainIdentifier, approverEmail } = request;
  const by = await requestedBy(context, request);
  // Made and thrown away: whoever asked must not tell from how long the answer takes which of the two mails was written.
  await linkTo(context, 'approver', request);
  const content = {
    kind: 'account-exists',
    accountName: account.name,
    hint: prefixHint(account, request.kind),
    domainIdentifier,
    requestedBy: by,
    link: accessLink(context, domainIdentifier),
  } as const;
  await queueMail(context, { to: approverEmail, accountId: null, content });
}

/** Tells the requester that an account has the identifier. They are of its company, or are told nothing (`declinesTaken`). */
export const mailTaken = (
  context: QueueContext,
  request: RequestRow,
  account: Pick<AccountRow, 'name' | 'kind' | 'domainIdentifier'>,
): Promise<void> => {
  const hint = prefixHint(account, request.kind).trim();
  const reason = hint === '' ? null : hint;
  return mailClosed(context, request, { why: 'taken', accountName: account.name, reason });
};

export const mailDeclined = (context: QueueContext, request: RequestRow): Promise<void> =>
  mailClosed(context, request, { why: 'declined', accountName: null, reason: request.reason });

export const mailExpired = (
  context: QueueContext,
  request: RequestRow,
  waitedIn: RequestRow['state'],
): Promise<void> => {
  const why = waitedIn === 'under-review' ? 'not-reviewed' : 'expired';
  return mailClosed(context, request, { why, accountName: null, reason: null });
};

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
  request: RequestRow,
  closed: {
    why: 'taken' | 'declined' | 'expired' | 'not-reviewed';
    accountName: string | null;
    reason: string | null;
  },
): Promise<void> {
  const { domainIdentifier, requesterEmail } = request;
  const next = closed.why === 'taken' ? 'ask-for-access' : nextSteps[request.purpose];
  const content = {
    kind: 'account-request-closed',
    domainIdentifier,
    ...closed,
    next,
    link: linkFor(context, next, request),
  } as const;
  await queueMail(context, { to: requesterEmail, accountId: null, content });
}

const nextSteps = {
  own: 'ask-anew',
  customer: 'see-requests',
  // The link of the mail about the orders still works; its secret is nowhere else.
  order: 'use-order-mail',
  upgrade: 'open-settings',
} as const satisfies Record<RequestRow['purpose'], string>;

function linkFor(
  context: QueueContext,
  next: 'ask-for-access' | (typeof nextSteps)[keyof typeof nextSteps],
  { domainIdentifier, originAccountId }: RequestRow,
): string {
  const { publicUrl } = context.installation;
  switch (next) {
    case 'ask-for-access':
      return accessLink(context, domainIdentifier);
    case 'see-requests':
      return `${publicUrl}/accounts/${originAccountId}/customer-requests`;
    case 'open-settings':
      return `${publicUrl}/accounts/${originAccountId}/settings`;
    case 'ask-anew':
    case 'use-order-mail':
      return `${publicUrl}/request-account`;
  }
}

/** Where somebody asks for access to an account by its identifier. */
const accessLink = ({ installation }: QueueContext, domainIdentifier: string): string =>
  `${installation.publicUrl}/request-access?identifier=${encodeURIComponent(domainIdentifier)}`;

const linkTo = (
  { trx, now, installation }: QueueContext,
  linkOf: LinkOf,
  { requestId }: RequestRow,
): Promise<string> => makeRequestLink(trx, { linkOf, requestId, now, publicUrl: installation.publicUrl });

/** When what the mail asks for is over: a state that waits for somebody has an end. */
const untilOf = ({ now }: QueueContext, { endsAt }: RequestRow): string => (endsAt ?? now).toString();

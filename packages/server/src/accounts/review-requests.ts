import type { RequestState } from '@estover/domain/accounts';
import { approveAccountRequest, declineAccountRequest } from '@estover/protocol';
import { administratorAddresses } from '../access/index.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { findAccountByDomain } from './accounts-store.ts';
import { mailApproved, mailApprover, mailDeclined } from './request-mails.ts';
import { refusedState } from './requests-by-link.ts';
import { become, findRequest, type RequestRow, saveRequestState } from './requests-store.ts';
import { requestAnswer } from './requests-view.ts';
import { readReviewDays } from './review-store.ts';
import { upgradeTo } from './upgrade-account.ts';

/** Takes a request for a decision of the operator, if it is in one of the states in which there is one. */
export async function requireInState(
  { trx, now }: Context,
  requestId: string,
  states: readonly RequestState[],
): Promise<RequestRow> {
  const request = await findRequest(trx, requestId, now, 'change');
  if (request === undefined) throw notFound('request');
  if (!states.includes(request.state)) throw refusedState(request);
  return request;
}

export const reviewEvent = (before: RequestRow, after: RequestRow, message: string): EventFacts => ({
  accountId: null,
  objectKind: 'account-request',
  objectId: after.requestId,
  message,
  before: { state: before.state },
  after: { state: after.state, domainIdentifier: after.domainIdentifier, reason: after.reason },
});

const because = (reason: string | null): string => (reason === null ? '' : `: ${reason}`);

/** An upgrade is done with its approval: its administrator asked, and the agreement was accepted with the account. */
async function approveUpgrade(context: Context, before: RequestRow, reason: string | null) {
  const { trx, now, actor } = context;
  const account = await upgradeTo(context, before.originAccountId ?? '', before.domainIdentifier);
  const { accountId } = account;
  // The identifier is their company's: without them it may be a stranger's to this account.
  const administrators = await administratorAddresses(trx, accountId, now);
  if (!administrators.includes(before.requesterEmail)) {
    throw new Refused(
      'requester-not-administrator',
      `${before.requesterEmail}, who asked for ${before.domainIdentifier}, does not administer ${account.name} any more.`,
    );
  }
  const request = become(before, 'active', now, { reviewedBy: actor.name, accountId, reason });
  await saveRequestState(trx, request);
  return {
    answer: { request: requestAnswer(request, now, await readReviewDays(trx)) },
    event: {
      ...reviewEvent(
        before,
        request,
        `approved the upgrade of the account, which is ${account.domainIdentifier} from now on${because(reason)}`,
      ),
      // It changes the account, so it is told there.
      accountId,
      objectKind: 'account',
      objectId: accountId,
    },
  };
}

export const reviewHandlers = [
  command(approveAccountRequest, async (context, { params, body }) => {
    const { trx, now, actor } = context;
    const before = await requireInState(context, params.requestId, ['under-review']);
    const { domainIdentifier, approverEmail } = before;
    const reason = body.reason ?? null;
    if (actor.kind === 'person' && [before.requesterEmail, approverEmail].includes(actor.email)) {
      throw new Refused('account-request-own', `You ask for ${domainIdentifier}, or accept it, yourself.`);
    }
    const taken = await findAccountByDomain(trx, domainIdentifier);
    if (taken !== undefined) {
      throw new Refused(
        'domain-identifier-taken',
        `${domainIdentifier} is the identifier of the account ${taken.name}.`,
        { domainIdentifier, accountId: taken.accountId },
      );
    }
    if (before.purpose === 'upgrade') return approveUpgrade(context, before, reason);
    const request = become(before, 'awaiting-acceptance', now, { reviewedBy: actor.name, reason });
    await saveRequestState(trx, request);
    await mailApprover(context, request);
    await mailApproved(context, request);
    return {
      answer: { request: requestAnswer(request, now, await readReviewDays(trx)) },
      event: reviewEvent(
        before,
        request,
        `approved the request for the account ${domainIdentifier}, which waits for ${approverEmail} now${because(reason)}`,
      ),
    };
  }),

  command(declineAccountRequest, async (context, { params, body }) => {
    const { trx, now, actor } = context;
    // Before it is confirmed nobody knows whose request it is, and nobody is told of it.
    const before = await requireInState(context, params.requestId, ['under-review', 'awaiting-acceptance']);
    const request = become(before, 'declined', now, { reviewedBy: actor.name, reason: body.reason });
    await saveRequestState(trx, request);
    await mailDeclined(context, request);
    return {
      answer: { request: requestAnswer(request, now, await readReviewDays(trx)) },
      event: reviewEvent(
        before,
        request,
        `declined the request for the account ${request.domainIdentifier}: ${body.reason}`,
      ),
    };
  }),
];

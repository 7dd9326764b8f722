import type { RequestState } from '@estover/domain/accounts';
import { approveAccountRequest, declineAccountRequest } from '@estover/protocol';
import type { Context, EventFacts } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { findAccountByDomain } from './accounts-store.ts';
import { mailApprover, mailDeclined } from './request-mails.ts';
import { refusedState } from './requests-by-link.ts';
import { become, findRequest, type RequestRow, saveRequestState } from './requests-store.ts';
import { requestAnswer } from './requests-view.ts';

/** Takes a request for a decision of the operator, if it is in one of the states in which there is one. */
async function requireInState(
  { trx, now }: Context,
  requestId: string,
  states: readonly RequestState[],
): Promise<RequestRow> {
  const request = await findRequest(trx, requestId, now, 'change');
  if (request === undefined) throw notFound('request');
  if (!states.includes(request.state)) throw refusedState(request);
  return request;
}

const eventOf = (before: RequestRow, after: RequestRow, message: string): EventFacts => ({
  accountId: null,
  objectKind: 'account-request',
  objectId: after.requestId,
  message,
  before: { state: before.state },
  after: { state: after.state, domainIdentifier: after.domainIdentifier, reason: after.reason },
});

export const reviewHandlers = [
  command(approveAccountRequest, async (context, { params }) => {
    const { trx, now, actor } = context;
    const before = await requireInState(context, params.requestId, ['under-review']);
    const { domainIdentifier, approverEmail } = before;
    const taken = await findAccountByDomain(trx, domainIdentifier);
    if (taken !== undefined) {
      throw new Refused(
        'domain-identifier-taken',
        `${domainIdentifier} is the identifier of the account ${taken.name}.`,
        { domainIdentifier, accountId: taken.accountId },
      );
    }
    const request = become(before, 'awaiting-acceptance', now, { reviewedBy: actor.name });
    await saveRequestState(trx, request);
    await mailApprover(context, request);
    return {
      answer: { request: requestAnswer(request) },
      event: eventOf(
        before,
        request,
        `approved the request for the account ${domainIdentifier}, which waits for ${approverEmail} now`,
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
      answer: { request: requestAnswer(request) },
      event: eventOf(
        before,
        request,
        `declined the request for the account ${request.domainIdentifier}: ${body.reason}`,
      ),
    };
  }),
];

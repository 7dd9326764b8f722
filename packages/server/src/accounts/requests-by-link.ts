import { mayBecome } from '@estover/domain/accounts';
import {
  type AnswerOf,
  confirmAccountRequest,
  openAccountRequest,
  withdrawAccountRequest,
} from '@estover/protocol';
import { choosesPassword } from '../access/index.ts';
import { newestVersions } from '../agreements/index.ts';
import type { Actor, Context, EventFacts } from '../edge/context.ts';
import { command, view } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { proceed } from './proceed-request.ts';
import { findLinkedRequest, type LinkOf } from './request-links-store.ts';
import { mailWithdrawn } from './request-mails.ts';
import { become, findRequest, type RequestRow, saveRequestState } from './requests-store.ts';

type LinkedRequest = AnswerOf<typeof openAccountRequest>['request'];

export const linkInvalid = (): Refused =>
  new Refused('link-invalid', 'The link was used or replaced, or what it was for is over.');

/** The request that a link of this side opens; `change` takes its row for the rest of the transaction. */
export async function requestOfLink(
  { trx, now }: Context,
  linkOf: LinkOf,
  token: string,
  to: 'read' | 'change',
): Promise<RequestRow | undefined> {
  const requestId = await findLinkedRequest(trx, linkOf, token);
  return requestId === undefined ? undefined : findRequest(trx, requestId, now, to);
}

export async function requireOwn(
  context: Context,
  token: string,
  to: 'read' | 'change',
): Promise<RequestRow> {
  const request = await requestOfLink(context, 'requester', token, to);
  if (request === undefined) throw linkInvalid();
  return request;
}

export const refusedState = (request: RequestRow): Refused =>
  new Refused('account-request-state', `The request for ${request.domainIdentifier} is ${request.state}.`, {
    state: request.state,
  });

export async function linkedAnswer(
  { trx }: Context,
  request: RequestRow,
  linkOf: LinkedRequest['linkOf'],
  chooses: boolean,
): Promise<LinkedRequest> {
  const { state, kind, companyName, domainIdentifier, requesterName, requesterEmail, approverEmail } =
    request;
  return {
    state,
    endsAt: request.endsAt?.toString() ?? null,
    kind,
    companyName,
    domainIdentifier,
    requesterName,
    requesterEmail,
    approverEmail,
    // What is asked during the review is asked of the requester.
    question: linkOf === 'requester' ? request.question : null,
    answer: linkOf === 'requester' ? request.answer : null,
    linkOf,
    agreements: (await newestVersions(trx)).map(({ agreement, version, title, language, text }) => ({
      agreement,
      version,
      title,
      language,
      text,
    })),
    choosesPassword: chooses,
  };
}

/** Who has the link reads the mails of that address. */
const requesterOf = (request: RequestRow): Actor => ({
  kind: 'anonymous',
  id: null,
  name: request.requesterEmail,
});

export const eventByLink = (
  before: RequestRow,
  after: RequestRow,
  message: string,
): Pick<EventFacts, 'accountId' | 'objectKind' | 'objectId' | 'message' | 'before' | 'after' | 'actor'> => ({
  accountId: null,
  objectKind: 'account-request',
  objectId: after.requestId,
  actor: requesterOf(after),
  message,
  before: { state: before.state },
  after: { state: after.state, domainIdentifier: after.domainIdentifier },
});

export const requestLinkHandlers = [
  view(openAccountRequest, async (context, { body }) => {
    const own = await requestOfLink(context, 'requester', body.token, 'read');
    if (own !== undefined) return { request: await linkedAnswer(context, own, 'requester', false) };
    const request = await requestOfLink(context, 'approver', body.token, 'read');
    if (request?.state !== 'awaiting-acceptance') throw linkInvalid();
    const chooses = await choosesPassword(context, request.approverEmail);
    return { request: await linkedAnswer(context, request, 'approver', chooses) };
  }),

  command(confirmAccountRequest, async (context, { body }) => {
    const before = await requireOwn(context, body.token, 'change');
    if (before.state !== 'requested') throw refusedState(before);
    const request = await proceed(context, before);
    const { state } = request;
    const { domainIdentifier, companyName } = request;
    return {
      answer: { request: await linkedAnswer(context, request, 'requester', false) },
      event: eventByLink(
        before,
        request,
        `confirmed the request for the account ${domainIdentifier} for ${companyName}, which is ${state} from now on`,
      ),
    };
  }),

  command(withdrawAccountRequest, async (context, { body }) => {
    const before = await requireOwn(context, body.token, 'change');
    if (!mayBecome(before.state, 'withdrawn')) throw refusedState(before);
    const request = become(before, 'withdrawn', context.now);
    await saveRequestState(context.trx, request);
    await mailWithdrawn(context, before);
    return {
      answer: { request: await linkedAnswer(context, request, 'requester', false) },
      event: eventByLink(before, request, `withdrew the request for the account ${request.domainIdentifier}`),
    };
  }),
];

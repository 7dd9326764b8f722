import { judgeAccountRequest } from '@estover/domain/accounts';
import { type BodyOf, requestAccount } from '@estover/protocol';
import { networkOf } from '../edge/attempt-limiter.ts';
import { type CallBound, command } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { publicMailDomainsOf } from './public-mail-domains.ts';
import { mailRequester } from './request-mails.ts';
import { become, insertRequest, type RequestRow } from './requests-store.ts';

type Body = BodyOf<typeof requestAccount>;

/** A company asks once or twice; a program that asks for others fills their boxes, and the operator's queue. */
const bounds: readonly CallBound<typeof requestAccount>[] = [
  { burst: 30, refillSeconds: 120, keysOf: (_, from) => [networkOf(from)] },
  {
    burst: 3,
    refillSeconds: 1200,
    keysOf: ({ body }) => [...new Set([body.requester.email, approverOf(body)])],
  },
];

const approverOf = ({ approverEmail, requester }: Body): string => approverEmail ?? requester.email;

/** Nothing is looked up here: the answer, and how long it takes, is the same for every identifier. */
export const requestAccountHandler = command(
  requestAccount,
  async (context, { body }) => {
    const { trx, now, newId, installation, mailer } = context;
    const approverEmail = approverOf(body);
    const judged = judgeAccountRequest({ ...body, approverEmail }, publicMailDomainsOf(installation));
    if (!judged.ok) {
      const { code, field, detail } = judged;
      // Where the requester is the approver, it is their own address that does not fit.
      const own = field === 'approverEmail' && body.approverEmail === undefined;
      const pointer = own ? 'body/requester/email' : `body/${field}`;
      throw new Refused(code, detail, { errors: [{ pointer, detail, code }] });
    }
    const { domainIdentifier, hasPrefix, isTeamAlias } = judged.value;
    const asked: RequestRow = {
      requestId: newId(),
      kind: body.kind,
      companyName: body.companyName,
      domainIdentifier,
      hasPrefix,
      justification: hasPrefix ? body.justification : '',
      requesterName: body.requester.name,
      requesterEmail: body.requester.email,
      approverEmail,
      state: 'requested',
      requestedAt: now,
      stateSince: now,
      endsAt: null,
      reviewedBy: null,
      reason: null,
      accountId: null,
    };
    const request = become(asked, 'requested', now);
    await insertRequest(trx, request);
    await mailRequester(context, request);
    const { companyName, requesterName, requesterEmail, kind } = request;
    return {
      answer: { warnings: isTeamAlias ? ['team-alias' as const] : [], sendsMail: mailer.isConfigured },
      event: {
        accountId: null,
        objectKind: 'account-request',
        objectId: request.requestId,
        message: `asked for the ${kind} account ${domainIdentifier} for ${companyName}, as ${requesterName} (${requesterEmail}), with ${approverEmail} as approver`,
        after: { kind, companyName, domainIdentifier, requesterEmail, approverEmail, state: request.state },
      },
    };
  },
  bounds,
);

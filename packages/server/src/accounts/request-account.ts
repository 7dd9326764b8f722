import { judgeAccountRequest } from '@estover/domain/accounts';
import { type BodyOf, requestAccount } from '@estover/protocol';
import { networkOf } from '../edge/attempt-limiter.ts';
import { type CallBound, command } from '../edge/operation.ts';
import { publicMailDomainsOf } from './public-mail-domains.ts';
import { refusedAsking } from './refused-asking.ts';
import { registrableOf } from './registrable-domain.ts';
import { mailRequester } from './request-mails.ts';
import { insertRequest, newRequest } from './requests-store.ts';

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
    const { trx, installation, mailer } = context;
    const approverEmail = approverOf(body);
    const judged = judgeAccountRequest(
      { ...body, approverEmail },
      publicMailDomainsOf(installation),
      registrableOf,
    );
    if (!judged.ok)
      throw refusedAsking(judged, body.approverEmail === undefined ? 'requester/email' : undefined);
    const { domainIdentifier, hasPrefix, isTeamAlias } = judged.value;
    const request = newRequest(context, {
      kind: body.kind,
      companyName: body.companyName,
      domainIdentifier,
      hasPrefix,
      justification: hasPrefix ? body.justification : '',
      requesterName: body.requester.name,
      requesterEmail: body.requester.email,
      approverEmail,
      purpose: 'own',
      originAccountId: null,
    });
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

import { judgeRequestForCustomer, mayBecome, searchedAddress } from '@estover/domain/accounts';
import {
  type AnswerOf,
  listCustomerRequests,
  requestAccountForCustomer,
  withdrawCustomerRequest,
} from '@estover/protocol';
import { sql } from 'kysely';
import { loadGrants, requirePerson } from '../access/index.ts';
import { networkOf } from '../edge/attempt-limiter.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { type CallBound, command, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { findAccount, findAccountByDomain } from './accounts-store.ts';

import { nobody } from './check-account-request.ts';

import { prefixHint } from './prefix-hint.ts';

import { proceed } from './proceed-request.ts';
import { publicMailDomainsOf } from './public-mail-domains.ts';
import { refusedAsking } from './refused-asking.ts';
import { registrableOf } from './registrable-domain.ts';
import { mailWithdrawn } from './request-mails.ts';
import { refusedState } from './requests-by-link.ts';
import {
  become,
  findRequest,
  insertRequest,
  newRequest,
  type RequestRow,
  requestColumns,
  saveRequestState,
} from './requests-store.ts';

type CustomerRequest = AnswerOf<typeof requestAccountForCustomer>['request'];

const answerOf = (row: RequestRow): CustomerRequest => ({
  requestId: row.requestId,
  state: row.state,
  stateSince: row.stateSince.toString(),
  endsAt: row.endsAt?.toString() ?? null,
  kind: row.kind,
  companyName: row.companyName,
  domainIdentifier: row.domainIdentifier,
  justification: row.justification,
  requesterName: row.requesterName,
  requesterEmail: row.requesterEmail,
  approverEmail: row.approverEmail,
  requestedAt: row.requestedAt.toString(),
  reason: row.reason,
});

/** A partner asks for many customers, and for each of them once or twice. */
const bounds: readonly CallBound<typeof requestAccountForCustomer>[] = [
  { burst: 60, refillSeconds: 60, keysOf: (_, from) => [networkOf(from)] },
  { burst: 3, refillSeconds: 1200, keysOf: ({ body }) => [body.approverEmail] },
];

/** A change of a request as an event of the partner's account. */
const eventOf = (
  { actor }: Pick<Context, 'actor'>,
  accountId: string,
  after: RequestRow,
  message: string,
): EventFacts => ({
  accountId,
  // An API client acts for whoever answers for it, and the event says for which account as well.
  onBehalfOf:
    actor.kind === 'person'
      ? { kind: 'customer', id: after.domainIdentifier, name: after.companyName }
      : null,
  objectKind: 'account-request',
  objectId: after.requestId,
  message,
  after: { state: after.state, domainIdentifier: after.domainIdentifier, approverEmail: after.approverEmail },
});

const list = 'customer-requests';

export const customerRequestHandlers = [
  command(
    requestAccountForCustomer,
    async (context, { params, body }) => {
      const { trx, now, installation, mailer } = context;
      const { accountId } = params;
      const holding = await findAccount(trx, accountId);
      if (holding === undefined) throw notFound('account');
      if (holding.kind !== 'holding') {
        throw new Refused('account-not-holding', `${holding.name} is a ${holding.kind} account.`);
      }
      const partner = requirePerson(context);
      const judged = judgeRequestForCustomer(
        body,
        { email: partner.email, holdingIdentifier: holding.domainIdentifier },
        publicMailDomainsOf(installation),
        registrableOf,
      );
      if (!judged.ok) throw refusedAsking(judged);
      const { domainIdentifier, hasPrefix, isTeamAlias } = judged.value;
      // An account they belong to is nothing new to them; of any other they are told nothing, not even by the time it takes:
      // whether there is one or not, the same is looked up, written and mailed.
      const taken = await findAccountByDomain(trx, domainIdentifier);
      const grants = await loadGrants(trx, taken?.accountId ?? nobody, partner.id, now);
      if (taken !== undefined && grants.length > 0) {
        throw new Refused(
          'domain-identifier-taken',
          `${domainIdentifier} is the identifier of ${taken.name}, where you have a role.${prefixHint(taken, body.kind)}`,
          { domainIdentifier },
        );
      }
      const asked = newRequest(context, {
        kind: body.kind,
        companyName: body.companyName,
        domainIdentifier,
        hasPrefix,
        justification: hasPrefix ? body.justification : '',
        requesterName: partner.name,
        requesterEmail: partner.email,
        approverEmail: body.approverEmail,
        purpose: 'customer',
        originAccountId: accountId,
      });
      await insertRequest(trx, asked);
      const request = await proceed(context, asked);
      return {
        answer: {
          request: answerOf(request),
          warnings: isTeamAlias ? ['team-alias' as const] : [],
          sendsMail: mailer.isConfigured,
        },
        event: eventOf(
          context,
          accountId,
          request,
          `asked for the account ${domainIdentifier} for ${request.companyName}, with ${request.approverEmail} as approver`,
        ),
      };
    },
    bounds,
  ),

  view(listCustomerRequests, async ({ trx }, { params, query }) => {
    const after = decodeCursor(list, query.cursor, 2);
    const search = query.search?.trim().toLowerCase() ?? '';
    const searched = sql`lower(concat_ws(' ', r.company_name, r.domain_identifier, r.approver_email))`;
    const { rows } = await sql<RequestRow>`
      select ${requestColumns} from account_requests r
       where r.origin_account_id = ${params.accountId} and r.purpose = 'customer'
         and ${query.state === undefined ? sql`true` : sql`r.state = ${query.state}`}
         and ${search === '' ? sql`true` : sql`(strpos(${searched}, ${search}) > 0 or strpos(${searched}, ${searchedAddress(search)}) > 0)`}
         and ${
           after === null
             ? sql`true`
             : sql`(r.requested_at, r.request_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
         }
       order by r.requested_at desc, r.request_id desc
       limit ${query.limit + 1}`.execute(trx);
    return pageFrom(list, rows, query.limit, answerOf, (row) => [row.requestedAt.toString(), row.requestId]);
  }),

  command(withdrawCustomerRequest, async (context, { params }) => {
    const { trx, now } = context;
    const { accountId, requestId } = params;
    const before = await findRequest(trx, requestId, now, 'change');
    if (before?.purpose !== 'customer' || before.originAccountId !== accountId) throw notFound('request');
    if (!mayBecome(before.state, 'withdrawn')) throw refusedState(before);
    const request = become(before, 'withdrawn', now);
    await saveRequestState(trx, request);
    await mailWithdrawn(context, before);
    return {
      answer: { request: answerOf(request) },
      event: {
        ...eventOf(
          context,
          accountId,
          request,
          `withdrew the request for the account ${request.domainIdentifier}`,
        ),
        before: { state: before.state },
      },
    };
  }),
];

import { mostAccessRequestsADay, mostWaitingAccessRequests, roleLevels } from '@estover/domain/access';
import { readIdentifier } from '@estover/domain/accounts';
import { type AnswerOf, listMyAccessRequests, requestAccess, withdrawAccessRequest } from '@estover/protocol';
import { sql } from 'kysely';
import { networkOf } from '../edge/attempt-limiter.ts';
import type { Context } from '../edge/context.ts';
import { type CallBound, command, view } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import { notFound, Refused } from '../edge/refused.ts';
import {
  type AccessRequestRow,
  accessRequestColumns,
  insertAccessRequest,
  lockAccessRequest,
  requestAsOf,
  requestsOfPerson,
  saveAccessRequest,
  waitingRequest,
} from './access-requests-store.ts';
import { requirePerson } from './own-session.ts';
import { lockPerson } from './people-store.ts';

/** Beside the bound of each person, which is counted in their requests. */
const bounds: readonly CallBound<typeof requestAccess>[] = [
  { burst: 30, refillSeconds: 60, keysOf: (_, from) => [networkOf(from)] },
];

type Own = AnswerOf<typeof requestAccess>['request'];

/** A request as the person sees it who asked. Until it was answered, nothing in it depends on whether there is such an account. */
const ownAnswer = (row: AccessRequestRow): Own => ({
  requestId: row.requestId,
  identifier: row.identifier,
  role: row.role,
  place: row.place,
  reason: row.reason,
  state: row.state,
  askedAt: row.askedAt.toString(),
  endsAt: row.endsAt.toString(),
  stateSince: row.stateSince.toString(),
  accountId: row.state === 'approved' ? row.accountId : null,
  answer: row.answer,
});

export const requestInWords = ({ role, place, identifier }: AccessRequestRow): string =>
  `the role ${role} ${place === '' ? 'in the whole account' : `at ${place} in`} ${identifier}`;

export const refusedRequestState = ({ state }: AccessRequestRow): Refused =>
  new Refused('access-request-state', `The request is ${state}.`, { state });

const list = 'my-access-requests';

export const ownRequestHandlers = [
  command(
    requestAccess,
    async (context, { body }) => {
      const { trx, now, newId } = context;
      const { id: personId } = requirePerson(context);
      const { role, place, reason } = body;
      const identifier = readIdentifier(body.identifier);
      if (identifier === undefined) {
        const detail = `${body.identifier} is no identifier. Write the company’s mail domain, like example.com.`;
        const errors = [{ pointer: 'body/identifier', detail, code: 'domain-identifier-invalid' }];
        throw new Refused('domain-identifier-invalid', detail, { errors });
      }
      const level = place === '' ? 'account' : 'virtual-account';
      if (!roleLevels[role].includes(level)) {
        const where = place === '' ? 'the whole account' : 'single virtual accounts';
        throw new Refused('scope-not-for-role', `The role ${role} is not granted for ${where}.`, { role });
      }
      const request = waitingRequest({ requestId: newId(), personId, identifier, role, place, reason }, now);
      // Two requests at once of the same person are counted one after the other.
      await lockPerson(trx, personId);
      await requireRoom(context, request);
      await insertAccessRequest(trx, request);
      return {
        answer: { request: ownAnswer(request) },
        event: {
          accountId: null,
          objectKind: 'access-request',
          objectId: request.requestId,
          message: `asked for ${requestInWords(request)}`,
          after: { identifier, role, place, reason },
        },
      };
    },
    bounds,
  ),

  view(listMyAccessRequests, async (context, { query }) => {
    const { trx, now } = context;
    const { id: personId } = requirePerson(context);
    const after = decodeCursor(list, query.cursor, 2);
    const { rows } = await sql<AccessRequestRow>`
      select ${accessRequestColumns} from access_requests r
       where r.person_id = ${personId}
         and ${after === null ? sql`true` : sql`(r.asked_at, r.request_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`}
       order by r.asked_at desc, r.request_id desc
       limit ${query.limit + 1}`.execute(trx);
    return pageFrom(
      list,
      rows,
      query.limit,
      (row) => ownAnswer(requestAsOf(row, now)),
      (row) => [row.askedAt.toString(), row.requestId],
    );
  }),

  command(withdrawAccessRequest, async (context, { params }) => {
    const { trx, now } = context;
    const { id: personId } = requirePerson(context);
    const before = await lockAccessRequest(trx, params.requestId, { personId }, now);
    if (before === undefined) throw notFound('request');
    if (before.state !== 'waiting') throw refusedRequestState(before);
    const request: AccessRequestRow = { ...before, state: 'withdrawn', stateSince: now };
    await saveAccessRequest(trx, request);
    return {
      answer: { request: ownAnswer(request) },
      event: {
        accountId: request.accountId,
        objectKind: 'access-request',
        objectId: request.requestId,
        virtualAccountId: request.virtualAccountId,
        message: `took back the request for ${requestInWords(request)}`,
        before: { state: before.state },
        after: { state: request.state },
      },
    };
  }),
];

/** Refuses a request that waits already, and more requests than one person may make. */
async function requireRoom(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  request: AccessRequestRow,
): Promise<void> {
  const since = now.subtract({ hours: 24 });
  const { waiting, lately, same } = await requestsOfPerson(trx, request, { since, now });
  if (same > 0) {
    throw new Refused(
      'access-requested-already',
      `Your request for ${requestInWords(request)} waits for an answer.`,
    );
  }
  if (waiting >= mostWaitingAccessRequests) {
    throw new Refused(
      'access-requests-waiting',
      `${waiting} of your requests wait for an answer, and ${mostWaitingAccessRequests} is the most.`,
      { maximum: mostWaitingAccessRequests },
    );
  }
  if (lately >= mostAccessRequestsADay) {
    throw new Refused(
      'too-many-requests',
      `You made ${lately} requests within the last 24 hours, and ${mostAccessRequestsADay} is the most.`,
      { retryAfterSeconds: 24 * 3600 },
    );
  }
}

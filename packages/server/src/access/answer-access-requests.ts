import { judgeAnswer, judgeAnswering } from '@estover/domain/access';
import { approveAccessRequest, declineAccessRequest } from '@estover/protocol';
import { sql } from 'kysely';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { mailAsker } from './access-request-mails.ts';
import { type AccessRequestRow, lockAccessRequest, saveAccessRequest } from './access-requests-store.ts';
import { accessRequestAnswer, mayAnswer } from './access-requests-view.ts';
import { requireRoomForPeople } from './account-room.ts';
import { makerOfKey } from './api-keys-store.ts';
import { grantsNowOf } from './authentication.ts';
import { grantAnswer, onlyVirtualAccount } from './grant-role.ts';
import { checkedScope, requireFuture, requireMayGive } from './granting.ts';
import { insertGrant, type StoredGrant } from './grants-store.ts';
import { findPerson } from './people-store.ts';
import { refusedRequestState, requestInWords } from './request-access.ts';
import { lockAccount } from './scope.ts';

/**
 * Takes a request for an answer. What the caller may do is read again once the account is locked: between the beginning
 * of the request and now somebody may have taken their role.
 */
async function takeForAnswer(
  given: Context,
  { accountId, requestId }: { accountId: string; requestId: string },
): Promise<{ context: Context; request: AccessRequestRow }> {
  const { trx, now, actor } = given;
  const request = await lockAccessRequest(trx, requestId, { accountId }, now);
  if (request === undefined) throw notFound('request');
  await lockAccount(trx, accountId);
  const context = { ...given, grants: await grantsNowOf(given, accountId) };
  const { rows } = await sql`
    select 1 from access_requests r where r.request_id = ${requestId} and ${mayAnswer(context, accountId)}`.execute(
    trx,
  );
  if (rows.length === 0) throw notFound('request');
  if (request.state !== 'waiting') throw refusedRequestState(request);
  const judged = judgeAnswering(
    { requesterId: request.personId },
    {
      personId: actor.kind === 'person' ? actor.id : null,
      keyMadeBy: actor.kind === 'api-key' ? await makerOfKey(trx, actor) : null,
    },
  );
  if (!judged.ok) throw new Refused(judged.code, judged.detail);
  return { context, request };
}

/** Which of some virtual accounts lie in another one, itself included. */
async function belowOf(
  { trx }: Context,
  accountId: string,
  virtualAccountId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await trx
    .selectFrom('virtual_account_ancestry')
    .select('descendant_id as id')
    .where('account_id', '=', accountId)
    .where('ancestor_id', '=', virtualAccountId)
    .where(sql<boolean>`descendant_id = any(${[...ids]}::uuid[])`)
    .execute();
  return new Set(rows.map(({ id }) => id));
}

export const answerHandlers = [
  command(approveAccessRequest, async (given, { params, body }) => {
    const { accountId, requestId } = params;
    const { context, request } = await takeForAnswer(given, params);
    const { trx, now, newId, actor } = context;
    const { role } = body;
    const scope = await checkedScope(context, accountId, role, body.scope);
    const until = body.until === undefined ? null : Temporal.Instant.from(body.until);
    requireFuture(until, now);
    const { place, virtualAccountId } = request;
    const ids = scope.kind === 'account' ? [] : scope.virtualAccounts.map((one) => one.virtualAccountId);
    const below =
      virtualAccountId === null ? new Set() : await belowOf(context, accountId, virtualAccountId, ids);
    const judged = judgeAnswer(
      {
        role: request.role,
        place: place === '' ? 'account' : virtualAccountId === null ? null : { virtualAccountId },
        requesterId: request.personId,
      },
      { role, scope },
      (id) => below.has(id),
    );
    if (!judged.ok) throw new Refused(judged.code, judged.detail);
    await requireMayGive(context, accountId, { role, scope, until });

    const grant: StoredGrant = {
      accountId,
      grantId: newId(),
      personId: request.personId,
      role,
      scope,
      until,
      grantedBy: actor.name,
      grantedAt: now,
    };
    await insertGrant(trx, grant);
    await requireRoomForPeople(context, accountId);
    const approved: AccessRequestRow = {
      ...request,
      ...answered(context, body.answer),
      state: 'approved',
      grantId: grant.grantId,
    };
    await saveAccessRequest(trx, approved);
    await mailAsker(context, approved, {
      outcome: 'approved',
      role,
      until: until?.toString() ?? null,
      answeredBy: actor.name,
    });
    const who = (await findPerson(trx, request.personId))?.email ?? request.personId;
    const answer = grantAnswer(grant);
    return {
      answer: { request: await accessRequestAnswer(context, accountId, requestId), grant: answer },
      event: {
        accountId,
        objectKind: 'access-request',
        objectId: requestId,
        virtualAccountId: onlyVirtualAccount(grant),
        message: `approved the request of ${who} for ${requestInWords(request)}, as ${role}${until === null ? '' : ` until ${until}`}`,
        before: { state: request.state, role: request.role, place },
        after: { state: approved.state, email: who, ...answer },
      },
    };
  }),

  command(declineAccessRequest, async (given, { params, body }) => {
    const { accountId, requestId } = params;
    const { context, request } = await takeForAnswer(given, params);
    const { trx, actor } = context;
    const declined: AccessRequestRow = { ...request, ...answered(context, body.reason), state: 'declined' };
    await saveAccessRequest(trx, declined);
    await mailAsker(context, declined, { outcome: 'declined', answeredBy: actor.name });
    const who = (await findPerson(trx, request.personId))?.email ?? request.personId;
    return {
      answer: { request: await accessRequestAnswer(context, accountId, requestId) },
      event: {
        accountId,
        objectKind: 'access-request',
        objectId: requestId,
        virtualAccountId: request.virtualAccountId,
        message: `declined the request of ${who} for ${requestInWords(request)}: ${body.reason}`,
        before: { state: request.state },
        after: { state: declined.state, email: who, reason: body.reason },
      },
    };
  }),
];

const answered = ({ now, actor }: Context, answer: string) => ({
  stateSince: now,
  answeredBy: actor.name,
  answer: answer === '' ? null : answer,
});

import {
  type AccountKind,
  daysOfRequest,
  isOpenRequest,
  type RequestPurpose,
  type RequestState,
} from '@estover/domain/accounts';
import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';
import { purgeContacts } from './order-contacts-store.ts';

export interface RequestRow {
  requestId: string;
  kind: AccountKind;
  companyName: string;
  domainIdentifier: string;
  hasPrefix: boolean;
  justification: string;
  requesterName: string;
  requesterEmail: string;
  approverEmail: string;
  state: RequestState;
  requestedAt: Temporal.Instant;
  stateSince: Temporal.Instant;
  endsAt: Temporal.Instant | null;
  reviewedBy: string | null;
  reason: string | null;
  accountId: string | null;
  purpose: RequestPurpose;
  /** The account it begins from; null for `own`. */
  originAccountId: string | null;
  /** What an operator asked during the review, and the answer. */
  question: string | null;
  questionAt: Temporal.Instant | null;
  questionBy: string | null;
  answer: string | null;
  answeredAt: Temporal.Instant | null;
}

/** How long a closed request is kept. */
const keptDays = 90;

/** A request's columns, for queries that list them; `r` is the request. The checks of the table narrow the texts. */
export const requestColumns = sql`r.request_id as "requestId", r.kind, r.company_name as "companyName",
  r.domain_identifier as "domainIdentifier", r.has_prefix as "hasPrefix", r.justification,
  r.requester_name as "requesterName", r.requester_email as "requesterEmail", r.approver_email as "approverEmail",
  r.state, r.requested_at as "requestedAt", r.state_since as "stateSince", r.ends_at as "endsAt",
  r.reviewed_by as "reviewedBy", r.reason, r.account_id as "accountId", r.purpose,
  r.origin_account_id as "originAccountId", r.question, r.question_at as "questionAt", r.question_by as "questionBy",
  r.answer, r.answered_at as "answeredAt"`;

/** A request as it begins. */
export function newRequest(
  { newId, now }: { newId(): string; now: Temporal.Instant },
  asked: Omit<
    RequestRow,
    | 'requestId'
    | 'state'
    | 'requestedAt'
    | 'stateSince'
    | 'endsAt'
    | 'reviewedBy'
    | 'reason'
    | 'accountId'
    | 'question'
    | 'questionAt'
    | 'questionBy'
    | 'answer'
    | 'answeredAt'
  >,
): RequestRow {
  const request: RequestRow = {
    ...asked,
    requestId: newId(),
    state: 'requested',
    requestedAt: now,
    stateSince: now,
    endsAt: null,
    reviewedBy: null,
    reason: null,
    accountId: null,
    question: null,
    questionAt: null,
    questionBy: null,
    answer: null,
    answeredAt: null,
  };
  return become(request, 'requested', now);
}

/** A request that becomes a state now, with the end of that state. */
export function become(
  request: RequestRow,
  state: RequestState,
  now: Temporal.Instant,
  more: Partial<Pick<RequestRow, 'reviewedBy' | 'reason' | 'accountId'>> = {},
): RequestRow {
  const days = daysOfRequest(state, request.purpose);
  const endsAt = days === null ? null : now.add({ hours: 24 * days });
  return { ...request, ...more, state, stateSince: now, endsAt };
}

/** A request as it is at an instant: one whose end has passed is expired, also before the job has said so. */
const asOf = (request: RequestRow, now: Temporal.Instant): RequestRow =>
  request.endsAt !== null &&
  Temporal.Instant.compare(request.endsAt, now) <= 0 &&
  isOpenRequest(request.state)
    ? { ...request, state: 'expired', stateSince: request.endsAt, endsAt: null }
    : request;

/** Reads a request; `change` takes its row for the rest of the transaction. */
export async function findRequest(
  trx: Trx,
  requestId: string,
  now: Temporal.Instant,
  to: 'read' | 'change' = 'read',
): Promise<RequestRow | undefined> {
  const { rows } = await sql<RequestRow>`
    select ${requestColumns} from account_requests r where r.request_id = ${requestId}
    ${to === 'change' ? sql`for update` : sql``}`.execute(trx);
  return rows[0] === undefined ? undefined : asOf(rows[0], now);
}

export async function insertRequest(trx: Trx, request: RequestRow): Promise<void> {
  await trx
    .insertInto('account_requests')
    .values({
      request_id: request.requestId,
      kind: request.kind,
      company_name: request.companyName,
      domain_identifier: request.domainIdentifier,
      has_prefix: request.hasPrefix,
      justification: request.justification,
      requester_name: request.requesterName,
      requester_email: request.requesterEmail,
      approver_email: request.approverEmail,
      requested_at: request.requestedAt,
      purpose: request.purpose,
      origin_account_id: request.originAccountId,
      ...stateOf(request),
    })
    .execute();
}

export async function saveRequestState(trx: Trx, request: RequestRow): Promise<void> {
  await trx
    .updateTable('account_requests')
    .set(stateOf(request))
    .where('request_id', '=', request.requestId)
    .execute();
}

const stateOf = (request: RequestRow) => ({
  state: request.state,
  state_since: request.stateSince,
  ends_at: request.endsAt,
  reviewed_by: request.reviewedBy,
  reason: request.reason,
  account_id: request.accountId,
});

/** Requests that wait for somebody and begin from an account, the newest first; takes their rows. */
export async function lockOpenRequestsOf(
  trx: Trx,
  originAccountId: string,
  now: Temporal.Instant,
): Promise<RequestRow[]> {
  const { rows } = await sql<RequestRow>`
    select ${requestColumns} from account_requests r where r.origin_account_id = ${originAccountId}
     order by r.requested_at desc, r.request_id desc for update`.execute(trx);
  return rows.map((row) => asOf(row, now)).filter(({ state }) => isOpenRequest(state));
}

/** The last request that begins from an account. */
export async function findLastRequestOf(
  trx: Trx,
  originAccountId: string,
  now: Temporal.Instant,
): Promise<RequestRow | undefined> {
  const { rows } = await sql<RequestRow>`
    select ${requestColumns} from account_requests r where r.origin_account_id = ${originAccountId}
     order by r.requested_at desc, r.request_id desc limit 1`.execute(trx);
  return rows[0] === undefined ? undefined : asOf(rows[0], now);
}

/** A request for an identifier that somebody confirmed and nobody has answered yet. */
export async function findConfirmedRequestFor(
  trx: Trx,
  domainIdentifier: string,
  now: Temporal.Instant,
): Promise<RequestRow | undefined> {
  const { rows } = await sql<RequestRow>`
    select ${requestColumns} from account_requests r
     where r.domain_identifier = ${domainIdentifier} and r.state in ('under-review', 'awaiting-acceptance')
       and (r.ends_at is null or r.ends_at > ${now})
     order by r.requested_at, r.request_id limit 1`.execute(trx);
  return rows[0];
}

/** Takes requests whose end has passed; those that another server has taken are passed over. */
export async function lockEnded(trx: Trx, now: Temporal.Instant, most: number): Promise<RequestRow[]> {
  const { rows } = await sql<RequestRow>`
    select ${requestColumns} from account_requests r where r.ends_at <= ${now}
     order by r.ends_at, r.request_id limit ${most} for update skip locked`.execute(trx);
  return rows;
}

/** The mail domain of the requester, with a dot before it. */
const atRequester = sql`('.' || substring(r.requester_email from '[^@]*$'))`;

/**
 * Takes confirmed requests whose identifier an account has got in the meantime. Those of partners and of strangers go on:
 * the condition is that of `declinesTaken`, here because they would else stand before all others.
 */
export async function lockOvertaken(trx: Trx, most: number): Promise<RequestRow[]> {
  const { rows } = await sql<RequestRow>`
    select ${requestColumns} from account_requests r
     where r.state in ('under-review', 'awaiting-acceptance') and r.purpose <> 'customer'
       and (r.domain_identifier = r.requester_email
            or strpos(r.domain_identifier, '@') = 0
               and right('.' || r.domain_identifier, length(${atRequester})) = ${atRequester})
       and exists (select 1 from accounts a where a.domain_identifier = r.domain_identifier)
     order by r.request_id limit ${most} for update of r skip locked`.execute(trx);
  return rows;
}

/** Deletes all requests that name an address, with their links. Returns how many. */
export async function deleteRequestsOf(trx: Trx, email: string): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from account_requests
     where lower(requester_email) = ${email} or lower(approver_email) = ${email}`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

/**
 * Removes requests that were closed more than 90 days ago, with their links, and contacts of orders whose links ended so
 * long ago. Returns how many requests.
 */
export async function purgeAccountRequests(db: Database, now: Temporal.Instant): Promise<number> {
  const before = now.subtract({ hours: keptDays * 24 });
  await purgeContacts(db, before);
  const removed = await db
    .deleteFrom('account_requests')
    .where('state', 'in', ['active', 'declined', 'expired', 'withdrawn'])
    .where('state_since', '<', before)
    .executeTakeFirst();
  return Number(removed.numDeletedRows);
}

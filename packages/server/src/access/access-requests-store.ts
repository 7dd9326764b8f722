import { type AccessRequestState, type AccountRole, accessRequestDays } from '@estover/domain/access';
import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';
import { soldBy } from './grants-store.ts';
import { canSignIn } from './people-store.ts';

/** A request for access as it is kept. */
export interface AccessRequestRow {
  requestId: string;
  personId: string;
  identifier: string;
  role: AccountRole;
  /** The path of a virtual account as it was typed; empty for the whole account. */
  place: string;
  reason: string;
  state: AccessRequestState;
  askedAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  stateSince: Temporal.Instant;
  accountId: string | null;
  virtualAccountId: string | null;
  answeredBy: string | null;
  answer: string | null;
  grantId: string | null;
}

/** How long a closed request is kept. */
const keptDays = 90;

/** A request's columns, for queries that list them; `r` is the request. The checks of the table narrow the texts. */
export const accessRequestColumns = sql`r.request_id as "requestId", r.person_id as "personId", r.identifier, r.role,
  r.place, r.reason, r.state, r.asked_at as "askedAt", r.ends_at as "endsAt", r.state_since as "stateSince",
  r.account_id as "accountId", r.virtual_account_id as "virtualAccountId", r.answered_by as "answeredBy", r.answer,
  r.grant_id as "grantId"`;

/** A new request, which waits from now on. */
export const waitingRequest = (
  asked: Pick<AccessRequestRow, 'requestId' | 'personId' | 'identifier' | 'role' | 'place' | 'reason'>,
  now: Temporal.Instant,
): AccessRequestRow => ({
  ...asked,
  state: 'waiting',
  askedAt: now,
  endsAt: now.add({ hours: 24 * accessRequestDays }),
  stateSince: now,
  accountId: null,
  virtualAccountId: null,
  answeredBy: null,
  answer: null,
  grantId: null,
});

/** A request as it is at an instant: one whose time is over has expired, also before the job has said so. */
export const requestAsOf = (request: AccessRequestRow, now: Temporal.Instant): AccessRequestRow =>
  request.state === 'waiting' && Temporal.Instant.compare(request.endsAt, now) <= 0
    ? { ...request, state: 'expired', stateSince: request.endsAt }
    : request;

export async function insertAccessRequest(trx: Trx, request: AccessRequestRow): Promise<void> {
  await trx
    .insertInto('access_requests')
    .values({
      request_id: request.requestId,
      person_id: request.personId,
      identifier: request.identifier,
      role: request.role,
      place: request.place,
      reason: request.reason,
      asked_at: request.askedAt,
      ends_at: request.endsAt,
      ...changing(request),
    })
    .execute();
}

export async function saveAccessRequest(trx: Trx, request: AccessRequestRow): Promise<void> {
  await trx
    .updateTable('access_requests')
    .set(changing(request))
    .where('request_id', '=', request.requestId)
    .execute();
}

const changing = (request: AccessRequestRow) => ({
  state: request.state,
  state_since: request.stateSince,
  account_id: request.accountId,
  virtual_account_id: request.virtualAccountId,
  answered_by: request.answeredBy,
  answer: request.answer,
  grant_id: request.grantId,
});

/** Takes one request for the rest of the transaction, of a person or of an account. */
export async function lockAccessRequest(
  trx: Trx,
  requestId: string,
  of: { personId: string } | { accountId: string },
  now: Temporal.Instant,
): Promise<AccessRequestRow | undefined> {
  const whose = 'personId' in of ? sql`r.person_id = ${of.personId}` : sql`r.account_id = ${of.accountId}`;
  const { rows } = await sql<AccessRequestRow>`
    select ${accessRequestColumns} from access_requests r
     where r.request_id = ${requestId} and ${whose} for update`.execute(trx);
  return rows[0] === undefined ? undefined : requestAsOf(rows[0], now);
}

/** How many requests of a person wait, how many they made since an instant, and whether one of them is just like this. */
export async function requestsOfPerson(
  trx: Trx,
  { personId, identifier, role, place }: AccessRequestRow,
  { since, now }: { since: Temporal.Instant; now: Temporal.Instant },
): Promise<{ waiting: number; lately: number; same: number }> {
  const waits = sql`(r.state = 'waiting' and r.ends_at > ${now})`;
  const { rows } = await sql<{ waiting: number; lately: number; same: number }>`
    select count(*) filter (where ${waits}) as waiting,
           count(*) filter (where r.asked_at > ${since}) as lately,
           count(*) filter (where ${waits} and r.identifier = ${identifier} and r.role = ${role}
                              and lower(r.place) = lower(${place}::text)) as same
      from access_requests r where r.person_id = ${personId}`.execute(trx);
  return rows[0] ?? { waiting: 0, lately: 0, same: 0 };
}

/** Takes requests that no account has got yet, and that an active one has the identifier of by now. */
export async function lockUnbrought(
  trx: Trx,
  now: Temporal.Instant,
  most: number,
): Promise<(AccessRequestRow & { accountId: string; accountName: string })[]> {
  const { rows } = await sql<AccessRequestRow & { accountId: string; accountName: string }>`
    select ${accessRequestColumns}, a.account_id as "accountId", a.name as "accountName"
      from access_requests r join accounts a on a.domain_identifier = r.identifier and a.status = 'active'
     where r.state = 'waiting' and r.account_id is null and r.ends_at > ${now}
     order by r.asked_at, r.request_id limit ${most} for update of r skip locked`.execute(trx);
  return rows;
}

/** Takes requests whose time is over; those that another server has taken are passed over. */
export async function lockEndedRequests(
  trx: Trx,
  now: Temporal.Instant,
  most: number,
): Promise<AccessRequestRow[]> {
  const { rows } = await sql<AccessRequestRow>`
    select ${accessRequestColumns} from access_requests r where r.state = 'waiting' and r.ends_at <= ${now}
     order by r.ends_at, r.request_id limit ${most} for update skip locked`.execute(trx);
  return rows;
}

/** So many people hear of one request. */
const mostAnswering = 50;

/**
 * Mail addresses of those who may answer a request, who can sign in and without whoever asked: administrators of the
 * account, and those of the virtual account it is for.
 */
export async function whoMayAnswer(
  trx: Trx,
  { accountId, virtualAccountId, personId }: AccessRequestRow & { accountId: string },
  now: Temporal.Instant,
): Promise<string[]> {
  const { rows } = await sql<{ email: string }>`
    select distinct p.email
      from held_grants g join people p on p.id = g.person_id
     where g.account_id = ${accountId} and (g.until is null or g.until > ${now}) and p.id <> ${personId}
       and ${soldBy} is null
       and ${canSignIn('p.id')}
       and (g.role = 'account-administrator' or g.role = 'virtual-account-administrator' and exists (
              select 1 from held_grant_virtual_accounts v
                join virtual_account_ancestry a on a.account_id = v.account_id and a.ancestor_id = v.virtual_account_id
                 and a.descendant_id = ${virtualAccountId}::uuid and (v.nested or a.distance = 0)
               where v.account_id = g.account_id and v.grant_id = g.grant_id))
     order by p.email limit ${mostAnswering}`.execute(trx);
  return rows.map(({ email }) => email);
}

/** Removes requests that were closed more than 90 days ago. Returns how many. */
export async function purgeAccessRequests(db: Database, now: Temporal.Instant): Promise<number> {
  const removed = await db
    .deleteFrom('access_requests')
    .where('state', '<>', 'waiting')
    .where('state_since', '<', now.subtract({ hours: keptDays * 24 }))
    .executeTakeFirst();
  return Number(removed.numDeletedRows);
}

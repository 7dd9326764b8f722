import { platformPolicy } from '@estover/domain/access';
import type { AccountKind, AccountStatus } from '@estover/domain/accounts';
import type { SupportEnd, SupportMode, SupportRule, SupportState } from '@estover/domain/support';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { nameOfPerson } from '../database/name-of-person.ts';
import type { SupportStanding } from '../edge/context.ts';

export interface SupportAccessRow {
  accountId: string;
  accountName: string;
  accessId: string;
  personId: string;
  staffName: string;
  mode: SupportMode;
  reason: string;
  caseNumber: string;
  minutes: number;
  state: SupportState;
  askedAt: Temporal.Instant;
  begunAt: Temporal.Instant | null;
  endsAt: Temporal.Instant | null;
  endedAt: Temporal.Instant | null;
  endedHow: SupportEnd | null;
  decidedByPerson: string | null;
  deciderName: string | null;
  reads: number;
}

const columns = sql`s.account_id as "accountId", a.name as "accountName", s.access_id as "accessId",
  s.person_id as "personId", ${nameOfPerson(sql.ref('s.person_id'))} as "staffName", s.mode, s.reason,
  s.case_number as "caseNumber", s.minutes, s.state, s.asked_at as "askedAt", s.begun_at as "begunAt",
  s.ends_at as "endsAt", s.ended_at as "endedAt", s.ended_how as "endedHow", s.decided_by_person as "decidedByPerson",
  case when s.decided_by_person is not null then ${nameOfPerson(sql.ref('s.decided_by_person'))} end as "deciderName",
  (select count(*) from support_reads r where r.account_id = s.account_id and r.access_id = s.access_id) as reads`;

const from = sql`from support_accesses s join accounts a on a.account_id = s.account_id`;

/** An access that is open now, and the account as somebody who belongs to it sees it from outside. */
export type OpenSupport = SupportStanding & {
  accountName: string;
  domainIdentifier: string;
  kind: AccountKind;
  status: AccountStatus;
  statusReason: string | null;
};

/** Accesses that somebody has open now, in one account or in all. */
export async function openSupportOf(
  trx: Trx,
  wanted: { personId: string; now: Temporal.Instant; accountId?: string },
): Promise<OpenSupport[]> {
  const { personId, now, accountId } = wanted;
  const { rows } = await sql<OpenSupport>`
    select s.account_id as "accountId", a.name as "accountName", a.domain_identifier as "domainIdentifier",
           a.kind, a.status, a.status_reason as "statusReason",
           s.access_id as "accessId", s.mode, s.case_number as "caseNumber", s.reason, s.ends_at as "endsAt"
      ${from}
     where s.person_id = ${personId} and s.state = 'open' and s.ends_at > ${now}
       and ${accountId === undefined ? sql`true` : sql`s.account_id = ${accountId}`}
     order by s.ends_at, s.access_id`.execute(trx);
  return rows;
}

export interface SupportFilter {
  accountId?: string | undefined;
  accessId?: string | undefined;
  personId?: string | undefined;
  states?: readonly SupportState[] | undefined;
}

/** Accesses, the newest first, after the one a cursor names. */
export async function listSupportRows(
  trx: Trx,
  filter: SupportFilter,
  page: { limit: number; after: readonly (string | number | null)[] | null },
): Promise<SupportAccessRow[]> {
  const { accountId, accessId, personId, states } = filter;
  const { after } = page;
  const { rows } = await sql<SupportAccessRow>`
    select ${columns} ${from}
     where ${accountId === undefined ? sql`true` : sql`s.account_id = ${accountId}`}
       and ${accessId === undefined ? sql`true` : sql`s.access_id = ${accessId}`}
       and ${personId === undefined ? sql`true` : sql`s.person_id = ${personId}`}
       and ${states === undefined ? sql`true` : sql`s.state = any(${[...states]}::text[])`}
       and ${after === null ? sql`true` : sql`(s.asked_at, s.access_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`}
     order by s.asked_at desc, s.access_id desc limit ${page.limit}`.execute(trx);
  return rows;
}

/** One access; whoever changes it has taken the account's row before. */
export async function findSupportAccess(
  trx: Trx,
  filter: Required<Pick<SupportFilter, 'accessId'>> & Pick<SupportFilter, 'accountId'>,
): Promise<SupportAccessRow | undefined> {
  return (await listSupportRows(trx, filter, { limit: 1, after: null }))[0];
}

/** Accesses that are still asked for or open, whose time is over, or whose staff has no role any more that opens accounts. */
export async function endedSupport(
  trx: Trx,
  now: Temporal.Instant,
): Promise<{ accountId: string; accessId: string; hasRole: boolean }[]> {
  const hasRole = sql<boolean>`exists (select 1 from platform_grants g where g.person_id = s.person_id
    and g.role = any(${[...platformPolicy['open-support-access']]}::text[]) and (g.until is null or g.until > ${now}))`;
  const { rows } = await sql<{ accountId: string; accessId: string; hasRole: boolean }>`
    select s.account_id as "accountId", s.access_id as "accessId", ${hasRole} as "hasRole"
      from support_accesses s
     where s.state in ('asked', 'open') and (s.ends_at <= ${now} or not ${hasRole})
     order by s.account_id, s.access_id`.execute(trx);
  return rows;
}

/** False where this person has the account open, or has asked to. */
export async function insertSupportAccess(
  trx: Trx,
  access: Omit<SupportAccessRow, 'accountName' | 'staffName' | 'deciderName' | 'reads'>,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('support_accesses')
    .values({
      account_id: access.accountId,
      access_id: access.accessId,
      person_id: access.personId,
      mode: access.mode,
      reason: access.reason,
      case_number: access.caseNumber,
      minutes: access.minutes,
      state: access.state,
      asked_at: access.askedAt,
      begun_at: access.begunAt,
      ends_at: access.endsAt,
      ended_at: null,
      ended_how: null,
      decided_by_person: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function saveSupportState(trx: Trx, access: SupportAccessRow): Promise<void> {
  await trx
    .updateTable('support_accesses')
    .set({
      state: access.state,
      begun_at: access.begunAt,
      ends_at: access.endsAt,
      ended_at: access.endedAt,
      ended_how: access.endedHow,
      decided_by_person: access.decidedByPerson,
    })
    .where('account_id', '=', access.accountId)
    .where('access_id', '=', access.accessId)
    .execute();
}

/** Counts something that was looked at; true the first time. */
export async function saveSupportRead(
  trx: Trx,
  read: { accountId: string; accessId: string; operation: string; hash: Buffer; now: Temporal.Instant },
): Promise<boolean> {
  const { accountId, accessId, operation, hash, now } = read;
  const { rows } = await sql<{ times: number }>`
    insert into support_reads (account_id, access_id, read_hash, operation, first_at, last_at, times)
    values (${accountId}, ${accessId}, ${hash}, ${operation}, ${now}, ${now}, 1)
    on conflict (account_id, access_id, read_hash)
      do update set times = support_reads.times + 1, last_at = excluded.last_at
    returning times`.execute(trx);
  return rows[0]?.times === 1;
}

/** What an account says about support; one that never said anything is opened with notice. */
export async function readSupportRule(trx: Trx, accountId: string): Promise<SupportRule> {
  const row = await trx
    .selectFrom('support_rules')
    .select(sql<SupportRule>`rule`.as('rule'))
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row?.rule ?? 'notice';
}

export async function saveSupportRule(trx: Trx, accountId: string, rule: SupportRule): Promise<void> {
  await trx
    .insertInto('support_rules')
    .values({ account_id: accountId, rule })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ rule }))
    .execute();
}

/** How many accesses are open now, and how many wait for an answer. */
export async function countSupport(
  trx: Trx,
  now: Temporal.Instant,
): Promise<{ open: number; asked: number }> {
  const { rows } = await sql<{ open: number; asked: number }>`
    select count(*) filter (where state = 'open') as open, count(*) filter (where state = 'asked') as asked
      from support_accesses where state in ('asked', 'open') and ends_at > ${now}`.execute(trx);
  return rows[0] ?? { open: 0, asked: 0 };
}

import type { RecoveryKind, RecoveryState } from '@estover/domain/support';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { nameOfPerson } from '../database/name-of-person.ts';

export interface RecoveryRow {
  recoveryId: string;
  kind: RecoveryKind;
  accountId: string | null;
  accountName: string | null;
  email: string;
  personId: string | null;
  reason: string;
  state: RecoveryState;
  askedByPerson: string;
  askedByName: string;
  askedAt: Temporal.Instant;
  decidedByPerson: string | null;
  deciderName: string | null;
  endsAt: Temporal.Instant | null;
  endedAt: Temporal.Instant | null;
}

const columns = sql`r.recovery_id as "recoveryId", r.kind, r.account_id as "accountId",
  (select a.name from accounts a where a.account_id = r.account_id) as "accountName", r.email, r.person_id as "personId",
  r.reason, r.state, r.asked_by_person as "askedByPerson", ${nameOfPerson(sql.ref('r.asked_by_person'))} as "askedByName",
  r.asked_at as "askedAt", r.decided_by_person as "decidedByPerson",
  case when r.decided_by_person is not null then ${nameOfPerson(sql.ref('r.decided_by_person'))} end as "deciderName",
  r.ends_at as "endsAt", r.ended_at as "endedAt"`;

/** Recoveries, the newest first, after the one a cursor names. */
export async function listRecoveryRows(
  trx: Trx,
  filter: { accountId?: string; living?: boolean },
  page: { limit: number; after: readonly (string | number | null)[] | null },
): Promise<RecoveryRow[]> {
  const { after } = page;
  const { rows } = await sql<RecoveryRow>`
    select ${columns} from recoveries r
     where ${filter.accountId === undefined ? sql`true` : sql`r.account_id = ${filter.accountId}`}
       and ${filter.living === true ? sql`r.state in ('asked', 'waiting')` : sql`true`}
       and ${after === null ? sql`true` : sql`(r.asked_at, r.recovery_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`}
     order by r.asked_at desc, r.recovery_id desc limit ${page.limit}`.execute(trx);
  return rows;
}

/** A recovery, taken for the rest of the transaction. */
export async function lockRecovery(trx: Trx, recoveryId: string): Promise<RecoveryRow | undefined> {
  const { rows } = await sql<RecoveryRow>`
    select ${columns} from recoveries r where r.recovery_id = ${recoveryId} for update of r`.execute(trx);
  return rows[0];
}

/** The recovery whose mail has this secret, taken for the rest of the transaction. */
export async function lockRecoveryBySecret(trx: Trx, hash: Buffer): Promise<RecoveryRow | undefined> {
  const { rows } = await sql<RecoveryRow>`
    select ${columns} from recoveries r where r.cancel_hash = ${hash} for update of r`.execute(trx);
  return rows[0];
}

/** Whether the same way back was asked for already and is not over. */
export async function isRecoveryLiving(
  trx: Trx,
  { accountId, personId }: Pick<RecoveryRow, 'accountId' | 'personId'>,
  now: Temporal.Instant,
): Promise<boolean> {
  const found = await trx
    .selectFrom('recoveries')
    .select('recovery_id')
    .where('account_id', 'is not distinct from', accountId)
    .where('person_id', 'is not distinct from', personId)
    .where((where) =>
      where.or([
        where('state', '=', 'waiting'),
        where.and([where('state', '=', 'asked'), where('ends_at', '>', now)]),
      ]),
    )
    .executeTakeFirst();
  return found !== undefined;
}

export async function insertRecovery(
  trx: Trx,
  row: Omit<RecoveryRow, 'accountName' | 'askedByName' | 'deciderName'>,
): Promise<void> {
  await trx
    .insertInto('recoveries')
    .values({
      recovery_id: row.recoveryId,
      kind: row.kind,
      account_id: row.accountId,
      email: row.email,
      person_id: row.personId,
      reason: row.reason,
      state: row.state,
      asked_by_person: row.askedByPerson,
      asked_at: row.askedAt,
      decided_by_person: null,
      ends_at: row.endsAt,
      ended_at: null,
      cancel_hash: null,
    })
    .execute();
}

/** Saves what became of a recovery; the mail's secret is forgotten unless it waits. */
export async function saveRecoveryState(
  trx: Trx,
  row: RecoveryRow,
  cancelHash: Buffer | null = null,
): Promise<void> {
  await trx
    .updateTable('recoveries')
    .set({
      state: row.state,
      decided_by_person: row.decidedByPerson,
      ends_at: row.endsAt,
      ended_at: row.endedAt,
      cancel_hash: cancelHash,
    })
    .where('recovery_id', '=', row.recoveryId)
    .execute();
}

/** Ids of recoveries whose question has expired, or whose day is over. */
export async function dueRecoveries(trx: Trx, now: Temporal.Instant): Promise<string[]> {
  const rows = await trx
    .selectFrom('recoveries')
    .select('recovery_id as id')
    .where('state', 'in', ['asked', 'waiting'])
    .where('ends_at', '<=', now)
    .orderBy('ends_at')
    .execute();
  return rows.map(({ id }) => id);
}

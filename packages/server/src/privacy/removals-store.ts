import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';

export interface RemovalRow {
  personId: string;
  pseudonym: string;
  removedAt: Temporal.Instant;
  removedBy: 'themselves' | 'operator';
  /** What is still to be taken out of texts, sealed; null when it was. */
  namesSealed: string | null;
  accountIds: string[];
  textsDoneAt: Temporal.Instant | null;
}

const columns = sql`person_id as "personId", pseudonym, removed_at as "removedAt", removed_by as "removedBy",
  names_sealed as "namesSealed", account_ids as "accountIds", texts_done_at as "textsDoneAt"`;

/** False when somebody else is called so already. A person who is removed again after a restore keeps one row. */
export async function insertRemoval(trx: Trx, removal: RemovalRow): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into removed_people (person_id, pseudonym, removed_at, removed_by, names_sealed, account_ids, texts_done_at)
    values (${removal.personId}, ${removal.pseudonym}, ${removal.removedAt}, ${removal.removedBy}, ${removal.namesSealed},
            ${removal.accountIds}::uuid[], null)
    on conflict do nothing`.execute(trx);
  return numAffectedRows === 1n;
}

/** Removals whose texts are still to be done, of before an instant, the oldest first. */
export async function unfinishedRemovals(db: Database, before: Temporal.Instant): Promise<RemovalRow[]> {
  const { rows } = await sql<RemovalRow>`
    select ${columns} from removed_people where texts_done_at is null and removed_at <= ${before}
     order by removed_at, person_id`.execute(db);
  return rows;
}

/** Notes what else is to be taken out, and where, before any of it is. */
export async function saveFound(
  db: Database,
  { personId, namesSealed, accountIds }: Pick<RemovalRow, 'personId' | 'namesSealed' | 'accountIds'>,
): Promise<void> {
  await db
    .updateTable('removed_people')
    .set({ names_sealed: namesSealed, account_ids: accountIds })
    .where('person_id', '=', personId)
    .where('texts_done_at', 'is', null)
    .execute();
}

/** Forgets the names themselves, after they are out of all texts. */
export async function finishRemoval(db: Database, personId: string, now: Temporal.Instant): Promise<void> {
  await db
    .updateTable('removed_people')
    .set({ names_sealed: null, texts_done_at: now })
    .where('person_id', '=', personId)
    .execute();
}

/** Removals, newest first, after the one a cursor names. */
export async function listRemovalRows(
  trx: Trx,
  page: { limit: number; after: readonly (string | number | null)[] | null },
): Promise<RemovalRow[]> {
  const { rows } = await sql<RemovalRow>`
    select ${columns} from removed_people
     where ${page.after === null ? sql`true` : sql`(removed_at, person_id) < (${page.after[0]}::timestamptz, ${page.after[1]}::text)`}
     order by removed_at desc, person_id desc limit ${page.limit}`.execute(trx);
  return rows;
}

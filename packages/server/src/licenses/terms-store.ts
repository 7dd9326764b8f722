import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { type HoldingRow, holdingColumns } from './lot-rows.ts';

/** A lot whose term turns. */
export interface TurningLot {
  readonly accountId: string;
  readonly lotId: string;
  readonly licenseId: string;
  readonly licenseName: string;
}

/** A holding of it, locked. */
export interface LockedHolding extends HoldingRow {
  readonly accountId: string;
}

/**
 * Locks the lots that are due. The lock is one that a movement's new holdings of the lot exclude, so that no holding of
 * it can be on its way while its term turns: such a lot is left for the next run.
 */
export async function lockTurningLots(
  trx: Trx,
  now: Temporal.Instant,
  kind: 'start' | 'expire',
  limit: number,
): Promise<TurningLot[]> {
  const turning = kind === 'start' ? sql`l.starts_at` : sql`l.ends_at`;
  const { rows } = await sql<TurningLot>`
    select l.account_id as "accountId", l.lot_id as "lotId", l.license_id as "licenseId", c.name as "licenseName"
      from lots l join licenses c using (license_id)
     where l.turns_at <= ${now}::timestamptz and l.turns_at = ${turning}
     order by l.turns_at, l.account_id, l.lot_id
     limit ${limit} for update of l skip locked`.execute(trx);
  return rows;
}

/** Locks every holding of lots, also the empty ones: units may be arriving in them. */
export async function lockHoldingsOf(trx: Trx, lots: readonly TurningLot[]): Promise<LockedHolding[]> {
  const { rows } = await sql<LockedHolding>`
    select h.account_id as "accountId", ${holdingColumns}
      from unnest(${lots.map((lot) => lot.accountId)}::uuid[], ${lots.map((lot) => lot.lotId)}::uuid[]) as t (a, lot)
      join holdings h on h.account_id = t.a and h.lot_id = t.lot
      join lots l on l.account_id = h.account_id and l.lot_id = h.lot_id
     order by h.account_id, h.virtual_account_id, h.lot_id, h.state
       for update of h`.execute(trx);
  return rows;
}

/** Says when the terms of lots turn next: at their end after their start, and never after their end. */
export async function markTurned(
  trx: Trx,
  lots: readonly TurningLot[],
  kind: 'start' | 'expire',
): Promise<void> {
  await sql`
    update lots l set turns_at = ${kind === 'start' ? sql`l.ends_at` : sql`null`}
      from unnest(${lots.map((lot) => lot.accountId)}::uuid[], ${lots.map((lot) => lot.lotId)}::uuid[]) as t (a, lot)
     where l.account_id = t.a and l.lot_id = t.lot`.execute(trx);
}

/**
 * Makes the term of lots turn once more where it has ended already: for units that come back as available by a clock
 * that is a little behind that of the server which ended the term.
 */
export async function turnAgain(trx: Trx, accountId: string, lotIds: readonly string[]): Promise<void> {
  await sql`
    update lots set turns_at = ends_at
     where account_id = ${accountId} and lot_id = any(${[...lotIds]}::uuid[])
       and turns_at is null and ends_at is not null`.execute(trx);
}

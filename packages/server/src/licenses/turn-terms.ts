import type { Decision, Refusal } from '@estover/domain';
import type { LedgerFacts, Movement } from '@estover/domain/licenses';
import { sql } from 'kysely';
import { recordEvents } from '../audit/index.ts';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { systemActor } from '../edge/context.ts';
import { holdingFacts, type MovementToSave, saveMovements } from './licenses-store.ts';
import { type HoldingRow, holdingColumns } from './lot-rows.ts';

/** One of the two turns of a term: that it starts, that it ends. */
export interface Turn {
  readonly kind: 'start' | 'expire';
  decide(facts: LedgerFacts, at: Temporal.Instant): Decision<Movement, Refusal<string>>;
  /** The sentence of the event, without who and when. */
  message(quantity: number, licenseName: string): string;
}

/** So many lots turn in one transaction. */
const lotsPerBatch = 200;

interface TurningLot {
  readonly accountId: string;
  readonly lotId: string;
  readonly licenseId: string;
  readonly licenseName: string;
}

interface LockedHolding extends HoldingRow {
  readonly accountId: string;
}

/**
 * Turns every term that is due, in batches, each in a transaction of its own: one movement and one event for each lot.
 * Lots another server is turning are left to it, and one that turned is not due any more; so running it twice, or on
 * several servers at once, turns each lot once.
 *
 * @returns how many movements were made.
 */
export async function turnTerms(
  db: Database,
  now: Temporal.Instant,
  newId: () => string,
  turn: Turn,
): Promise<number> {
  let made = 0;
  for (;;) {
    const batch = await inTransaction(db, (trx) => turnBatch(trx, now, newId, turn));
    made += batch.movements;
    if (batch.lots < lotsPerBatch) return made;
  }
}

async function turnBatch(
  trx: Trx,
  now: Temporal.Instant,
  newId: () => string,
  turn: Turn,
): Promise<{ lots: number; movements: number }> {
  const lots = await lockTurningLots(trx, now, turn.kind);
  if (lots.length === 0) return { lots: 0, movements: 0 };
  const holdings = Map.groupBy(await lockHoldingsOf(trx, lots), (row) => `${row.accountId}/${row.lotId}`);
  const movements: (MovementToSave & { lot: TurningLot })[] = [];
  for (const lot of lots) {
    const decision = turn.decide(holdingFacts(holdings.get(`${lot.accountId}/${lot.lotId}`) ?? []), now);
    if (!decision.ok) continue;
    const { accountId } = lot;
    movements.push({ accountId, movementId: newId(), movement: decision.value, orderNumber: null, lot });
  }
  const licenses = new Map(lots.map((lot) => [lot.lotId, lot.licenseId]));
  const ledger = { trx, now, newId, actor: systemActor, requestId: null };
  await saveMovements(ledger, movements, (lotId) => licenses.get(lotId) as string, 'perhaps-new');
  await recordEvents(
    trx,
    movements.map(({ accountId, movementId, movement, lot }) => ({
      accountId,
      eventId: newId(),
      at: now,
      actor: systemActor,
      operation: turn.kind === 'start' ? 'startTerm' : 'endTerm',
      from: null,
      requestId: null,
      objectKind: 'movement',
      objectId: movementId,
      virtualAccountId: onlyPlaceOf(movement),
      message: turn.message(quantityOf(movement), lot.licenseName),
      after: { lotId: lot.lotId, licenseId: lot.licenseId, quantity: quantityOf(movement) },
    })),
  );
  await sql`
    update lots l set turns_at = ${turn.kind === 'start' ? sql`l.ends_at` : sql`null`}
      from unnest(${lots.map((lot) => lot.accountId)}::uuid[], ${lots.map((lot) => lot.lotId)}::uuid[]) as t (a, lot)
     where l.account_id = t.a and l.lot_id = t.lot`.execute(trx);
  return { lots: lots.length, movements: movements.length };
}

/**
 * Locks the lots that are due. The lock is one that a movement's new holdings of the lot exclude, so that no holding of
 * it can be on its way while its term turns: such a lot is left for the next run.
 */
async function lockTurningLots(trx: Trx, now: Temporal.Instant, kind: Turn['kind']): Promise<TurningLot[]> {
  const turning = kind === 'start' ? sql`l.starts_at` : sql`l.ends_at`;
  const { rows } = await sql<TurningLot>`
    select l.account_id as "accountId", l.lot_id as "lotId", l.license_id as "licenseId", c.name as "licenseName"
      from lots l join licenses c using (license_id)
     where l.turns_at <= ${now}::timestamptz and l.turns_at = ${turning}
     order by l.turns_at, l.account_id, l.lot_id
     limit ${lotsPerBatch} for update of l skip locked`.execute(trx);
  return rows;
}

/** Locks every holding of lots, also the empty ones: units may be arriving in them. */
async function lockHoldingsOf(trx: Trx, lots: readonly TurningLot[]): Promise<LockedHolding[]> {
  const { rows } = await sql<LockedHolding>`
    select h.account_id as "accountId", ${holdingColumns}
      from unnest(${lots.map((lot) => lot.accountId)}::uuid[], ${lots.map((lot) => lot.lotId)}::uuid[]) as t (a, lot)
      join holdings h on h.account_id = t.a and h.lot_id = t.lot
      join lots l on l.account_id = h.account_id and l.lot_id = h.lot_id
     order by h.account_id, h.virtual_account_id, h.lot_id, h.state
       for update of h`.execute(trx);
  return rows;
}

const quantityOf = ({ entries }: Movement): number =>
  entries.reduce((sum, { quantity }) => sum + Math.max(0, quantity), 0);

function onlyPlaceOf({ entries }: Movement): string | null {
  const places = new Set(
    entries.map(({ place }) => (place.kind === 'holding' ? place.virtualAccountId : null)),
  );
  const [only] = places;
  return places.size === 1 ? (only ?? null) : null;
}

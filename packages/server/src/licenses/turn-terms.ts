import type { Decision, Refusal } from '@estover/domain';
import type { LedgerFacts, Movement } from '@estover/domain/licenses';
import { recordEvents } from '../audit/index.ts';
import type { Database, Trx } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { systemActor } from '../edge/context.ts';
import { holdingFacts, type MovementToSave, saveMovements } from './licenses-store.ts';
import { lockHoldingsOf, lockTurningLots, markTurned, type TurningLot } from './terms-store.ts';

/** One of the two turns of a term: that it starts, that it ends. */
export interface Turn {
  readonly kind: 'start' | 'expire';
  decide(facts: LedgerFacts, at: Temporal.Instant): Decision<Movement, Refusal<string>>;
  /** The event's message, without who and when. */
  message(quantity: number, licenseName: string): string;
}

/** So many lots turn in one transaction. */
const lotsPerBatch = 200;

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
  const lots = await lockTurningLots(trx, now, turn.kind, lotsPerBatch);
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
  await markTurned(trx, lots, turn.kind);
  return { lots: lots.length, movements: movements.length };
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

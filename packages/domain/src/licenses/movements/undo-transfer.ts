import { accept, type Decision, refuse } from '../../refusal.ts';
import type { Entry } from '../holding.ts';
import { type LedgerFacts, lotOf, lotsById } from '../ledger.ts';
import type { LotQuantity } from '../precedence.ts';
import type {
  AlreadyUndone,
  NotATransfer,
  NotEnoughAvailable,
  UndoOfUndo,
  UndoTooLate,
} from '../refusals.ts';
import { takeLines } from '../take-lines.ts';
import type { Recorded, Transfer } from './movement.ts';
import { transferEntries } from './transfer.ts';

/** For how long a transfer can be undone, to the very moment. */
export const UNDO_DAYS = 7;

/** The movement to undo, and the id of the transfer that already did so, if any. */
export type UndoneFacts = { readonly movement: Recorded; readonly undoneBy: string | null };
/** Also the holdings of the virtual account that received the units, with their lots. */
export type UndoTransferFacts = LedgerFacts & UndoneFacts;
export type UndoRefusal = NotATransfer | UndoOfUndo | AlreadyUndone | UndoTooLate;
export type UndoTransferRefusal = UndoRefusal | NotEnoughAvailable;

/**
 * Whether a movement is one that could be undone at `at`, as far as the movement itself says. Whether its units are
 * still there only {@link undoTransfer} knows; a button needs no more than this.
 */
export function canUndoTransfer(facts: UndoneFacts, at: Temporal.Instant): Decision<Transfer, UndoRefusal> {
  const { movement, undoneBy } = facts;
  const { movementId } = movement;
  if (movement.kind !== 'transfer') return refuse('not-a-transfer', { movementId, kind: movement.kind });
  if (movement.undoes !== null) return refuse('undo-of-undo', { movementId, undoes: movement.undoes });
  if (undoneBy !== null) return refuse('already-undone', { movementId, undoneBy });
  const undoableUntil = movement.at.add({ hours: UNDO_DAYS * 24 });
  if (Temporal.Instant.compare(at, undoableUntil) > 0) {
    return refuse('undo-too-late', { movementId, transferredAt: movement.at, undoableUntil });
  }
  return accept(movement);
}

/**
 * Takes a transfer back by a new, opposite one of exactly the same lots and quantities. Refused with the numbers when
 * units have moved on, are reserved or held, or have expired meanwhile; a part is never taken back.
 */
export function undoTransfer(
  facts: UndoTransferFacts,
  request: { readonly reason?: string | undefined },
  at: Temporal.Instant,
): Decision<Transfer, UndoTransferRefusal> {
  const undoable = canUndoTransfer(facts, at);
  if (!undoable.ok) return undoable;
  const { giver, receiver, parts } = partsOf(undoable.value.entries);
  const lots = lotsById(facts.lots);
  const taken = takeLines(
    { lots: facts.lots, holdings: withEmptyHoldings(facts, receiver, parts) },
    receiver,
    parts.map((part) => ({
      licenseId: lotOf(lots, part.lotId).licenseId,
      quantity: part.quantity,
      precedence: { lots: [part] },
    })),
    at,
  );
  if (!taken.ok) {
    if (taken.code === 'not-enough-available') return taken;
    throw new Error(
      `Transfer ${facts.movement.movementId} is recorded with parts that are refused: ${taken.code}.`,
    );
  }
  // Nothing is refused below this line.
  return accept({
    kind: 'transfer',
    at,
    reason: request.reason ?? null,
    undoes: facts.movement.movementId,
    entries: transferEntries(parts, receiver, giver),
  });
}

/** Who gave, who received, and which lots, read from a transfer's entries. */
function partsOf(entries: readonly Entry[]): {
  giver: string;
  receiver: string;
  parts: readonly LotQuantity[];
} {
  let giver: string | null = null;
  let receiver: string | null = null;
  const parts: LotQuantity[] = [];
  for (const { place, quantity } of entries) {
    if (place.kind !== 'holding') continue;
    if (quantity < 0) {
      giver = place.virtualAccountId;
    } else {
      receiver = place.virtualAccountId;
      parts.push({ lotId: place.lotId, quantity });
    }
  }
  if (giver === null || receiver === null)
    throw new Error('A transfer without both sides cannot be recorded.');
  return { giver, receiver, parts };
}

/** A lot that left the receiver entirely has no holding there any more; it is short by all of it, not unknown. */
function withEmptyHoldings(facts: LedgerFacts, virtualAccountId: string, parts: readonly LotQuantity[]) {
  const empty = parts.map(({ lotId }) => ({
    virtualAccountId,
    lotId,
    state: 'available' as const,
    quantity: 0,
  }));
  return [...facts.holdings, ...empty];
}

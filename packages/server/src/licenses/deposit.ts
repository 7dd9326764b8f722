import {
  type Billing,
  deposit as decideDeposit,
  type Lot,
  type Term,
  termStateAt,
} from '@estover/domain/licenses';
import { Refused } from '../edge/refused.ts';
import type { Ledger } from './ledger.ts';
import { licenseRefused } from './license-refused.ts';
import { holdPlaces, insertLots, type NewLot, placeText, saveMovements } from './licenses-store.ts';

/** Units of one license that are delivered together: they become one lot. */
export interface Delivery {
  readonly accountId: string;
  readonly virtualAccountId: string;
  readonly licenseId: string;
  /** From 1 to 1,000,000,000 units. */
  readonly quantity: number;
  readonly term: Term;
  readonly source: { kind: 'order'; orderId: string; orderNumber: string; lineNumber: number; sku: string };
  readonly subscriptionId: string | null;
  readonly billing: Billing;
}

/**
 * Delivers licenses, each delivery as a lot and a movement of its own, in one set. A term that starts in the future
 * is pending, one that is over is expired.
 *
 * @returns the lot and movement of each delivery, in the order given.
 */
export async function deposit(
  ledger: Ledger,
  deliveries: readonly Delivery[],
): Promise<{ lotId: string; movementId: string }[]> {
  const decided = deliveries.map((delivery) => {
    const lot: Lot = {
      lotId: ledger.newId(),
      licenseId: delivery.licenseId,
      source: { kind: 'order', reference: `${delivery.source.orderNumber}/${delivery.source.lineNumber}` },
      term: delivery.term,
      subscriptionId: delivery.subscriptionId ?? undefined,
      billing: delivery.billing,
    };
    const decision = decideDeposit({ lot, delivered: 0 }, delivery, ledger.now);
    if (!decision.ok) throw licenseRefused(decision);
    return { delivery, lot, movementId: ledger.newId(), movement: decision.value };
  });
  const alive = await holdPlaces(ledger.trx, deliveries);
  const gone = deliveries.find((delivery) => !alive.has(placeText(delivery)));
  if (gone) {
    throw new Refused(
      'unknown-virtual-account',
      `Virtual account ${gone.virtualAccountId}, to which licenses should be delivered, is not there any more.`,
    );
  }
  await insertLots(
    ledger,
    decided.map(
      ({ delivery, lot }): NewLot => ({
        accountId: delivery.accountId,
        lot,
        sourceKind: 'order',
        order: delivery.source,
        delivered: delivery.quantity,
        state: termStateAt(lot.term, ledger.now),
      }),
    ),
  );
  const licenses = new Map(decided.map(({ lot }) => [lot.lotId, lot.licenseId]));
  await saveMovements(
    ledger,
    decided.map(({ delivery, movementId, movement }) => ({
      accountId: delivery.accountId,
      movementId,
      movement,
      orderNumber: delivery.source.orderNumber,
    })),
    (lotId) => licenses.get(lotId) as string,
    'perhaps-new',
  );
  return decided.map(({ lot, movementId }) => ({ lotId: lot.lotId, movementId }));
}

import { recordEvents } from '../audit/record-event.ts';
import type { Context } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import type { Ledger } from '../licenses/index.ts';
import type { DeliverableLine } from './deliver-lines.ts';
import { noteOrders } from './note-orders.ts';

/** What a delivery needs, which the system may do by itself. */
export type DeliveryContext = Ledger & Pick<Context, 'from'>;

/** A delivered line with the names that its event tells. */
export interface DeliveredLine extends DeliverableLine {
  virtualAccountPath: readonly string[];
}

/**
 * Tells the accounts what came to them, in their own trails: one event for each order and virtual account, beside the
 * order's event, which belongs to the platform.
 */
export async function recordDeliveries(
  context: DeliveryContext,
  operation: string,
  lines: readonly DeliveredLine[],
): Promise<void> {
  const places = Map.groupBy(lines, (line) => `${line.orderId}/${line.accountId}/${line.virtualAccountId}`);
  const events = [...places.values()].flatMap((here) => {
    const [first] = here;
    if (first === undefined) return [];
    const what = here
      .slice(0, 3)
      .map((line) => `${line.quantity} × ${line.product.sku}`)
      .join(', ');
    const more = here.length > 3 ? ` and ${here.length - 3} more` : '';
    return [
      {
        accountId: first.accountId,
        objectKind: 'order',
        objectId: first.orderNumber,
        virtualAccountId: first.virtualAccountId,
        message: `delivered ${what}${more} of order ${first.orderNumber} to ${placeInWords({ virtualAccountId: first.virtualAccountId, path: first.virtualAccountPath })}`,
        after: here.map((line) => ({
          lineNumber: line.lineNumber,
          sku: line.product.sku,
          quantity: line.quantity,
        })),
        eventId: context.newId(),
        at: context.now,
        actor: context.actor,
        operation,
        from: context.from,
        requestId: context.requestId,
      },
    ];
  });
  await recordEvents(context.trx, events);
  await noteOrders(context, lines, 'came in');
}

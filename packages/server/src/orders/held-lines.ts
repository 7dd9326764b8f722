import { shipLine } from '@estover/domain/orders';
import type { Context } from '../edge/context.ts';
import { deliverLines } from './deliver-lines.ts';
import { lockHeldLines } from './lock-order.ts';
import { updateOrderLines } from './orders-store.ts';
import { recordDeliveries } from './record-deliveries.ts';

/**
 * Delivers what has shipped to an account and waited for it to accept an agreement; terms begin now. The caller holds the
 * account. Returns how many lines.
 */
export async function deliverHeldLines(
  context: Context,
  operation: string,
  accountId: string,
): Promise<number> {
  const { trx, now } = context;
  const lines = (await lockHeldLines(trx, accountId)).filter(
    (line) => line.accountActive && shipLine({ state: line.state, accountActive: true }).ok,
  );
  for (const [orderId, ofOrder] of Map.groupBy(lines, (line) => line.orderId)) {
    await updateOrderLines(
      trx,
      orderId,
      ofOrder.map(({ lineNumber }) => ({
        lineNumber,
        state: 'delivered',
        shippedAt: null,
        deliveredAt: now,
        cancelledAt: null,
      })),
    );
  }
  await deliverLines(context, lines);
  await recordDeliveries(context, operation, lines);
  return lines.length;
}
